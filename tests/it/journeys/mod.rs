//! The nights, one file for each part of the story.

mod alerts;
mod commands;
mod ending;
mod runbook;
mod taking;
mod timeline;
mod updates;
