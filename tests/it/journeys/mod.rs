//! The nights, one file for each part of the story.

mod alerts;
