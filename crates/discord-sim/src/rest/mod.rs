//! REST v10: one table of routes, one way through it.

mod answer;
mod audit_log;
mod call;
mod channels;
mod commands;
mod follow_ups;
mod guild;
mod interactions;
mod messages;
mod none_here;
mod pins;
mod reactions;
mod routes;
mod scheduled_events;
mod threads;
mod users;
mod webhooks;

pub(crate) use answer::serve;
pub(crate) use call::Upload;
