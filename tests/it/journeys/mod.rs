//! The nights, one file for each part of the story.

mod alerts;
mod ending;
mod runbook;
mod taking;
mod timeline;
mod updates;
