//! The nights, one file for each part of the story.

mod alerts;
mod changes;
mod channels;
mod commands;
mod crash;
mod effort;
mod ending;
mod hostile;
mod intake;
mod maintenance;
mod minute_by_minute;
mod opening;
mod outage;
mod real_alertmanager;
mod record;
mod refusals;
mod relations;
mod restricted;
mod runbook;
mod silence;
mod sources;
mod taking;
mod taps;
mod timeline;
mod timeline_views;
mod updates;
