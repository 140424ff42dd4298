//! Alerts in: from the body of a request to a delivery the domain understands.

pub mod alertmanager;
pub mod payload;
