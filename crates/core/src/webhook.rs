//! What comes in over HTTP, understood.

use crate::alert::Delivery;
use crate::change::NewChange;

/// What a webhook says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Webhook {
    /// How alerts are.
    Alerts(Delivery),
    /// That something was changed.
    Change(NewChange),
}
