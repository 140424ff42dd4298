//! Deliveries as the intake understood them, kept at hand until the desk comes to them.
//!
//! Reading a body twice costs as much as everything else that a mere repeat needs. Nothing relies on what lies here: it
//! is lost with the process and pushed out by what comes later, and the desk then reads the body that is kept.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use bridgewatch_core::alert::Delivery;

/// How many deliveries lie here at most.
const MOST_DELIVERIES: usize = 4_096;

/// How long the bodies of all of them may have been together; what was read from them takes about twice as much.
const MOST_BODY_BYTES: usize = 16 * 1024 * 1024;

/// Understood deliveries by their receipts.
#[derive(Debug, Default)]
pub struct AtHand(Mutex<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    /// With the length of the body of each.
    deliveries: HashMap<String, (Delivery, usize)>,
    /// The receipts in the order in which they came, those included that have been taken since.
    order: VecDeque<String>,
    body_bytes: usize,
}

impl AtHand {
    /// Lays a delivery down for whoever takes its receipt. `body_bytes` is the length of the body it was read from.
    pub fn lay(&self, receipt: &str, delivery: Delivery, body_bytes: usize) {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.body_bytes += body_bytes;
        shelf.order.push_back(receipt.to_owned());
        shelf
            .deliveries
            .insert(receipt.to_owned(), (delivery, body_bytes));
        while shelf.body_bytes > MOST_BODY_BYTES || shelf.order.len() > MOST_DELIVERIES {
            let Some(oldest) = shelf.order.pop_front() else {
                return;
            };
            shelf.take(&oldest);
        }
    }

    /// Takes the delivery of a receipt away, if it lies here.
    pub fn take(&self, receipt: &str) -> Option<Delivery> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take(receipt)
    }
}

impl Shelf {
    fn take(&mut self, receipt: &str) -> Option<Delivery> {
        let (delivery, body_bytes) = self.deliveries.remove(receipt)?;
        self.body_bytes -= body_bytes;
        Some(delivery)
    }
}

#[cfg(test)]
mod tests {
    use bridgewatch_core::alert::Pairs;

    use super::*;

    fn delivery() -> Delivery {
        Delivery {
            source: "alertmanager".to_owned(),
            receiver: "bridgewatch".to_owned(),
            group_key: "{}".to_owned(),
            external_url: None,
            truncated_alerts: 0,
            notification_reason: None,
            common_labels: Pairs::new(),
            alerts: Vec::new(),
        }
    }

    #[test]
    fn a_delivery_is_taken_once() {
        let at_hand = AtHand::default();
        at_hand.lay("first", delivery(), 100);
        assert_eq!(at_hand.take("first"), Some(delivery()));
        assert_eq!(at_hand.take("first"), None);
        assert_eq!(at_hand.0.lock().expect("nobody panicked").body_bytes, 0);
    }

    #[test]
    fn what_comes_later_pushes_out_what_nobody_takes() {
        let at_hand = AtHand::default();
        at_hand.lay("stays behind", delivery(), 1);
        for number in 0..2 * MOST_DELIVERIES {
            at_hand.lay(&number.to_string(), delivery(), 1);
            at_hand.take(&number.to_string());
        }
        assert_eq!(at_hand.take("stays behind"), None);
        at_hand.lay("large", delivery(), MOST_BODY_BYTES);
        at_hand.lay("one more", delivery(), 1);
        assert_eq!(at_hand.take("large"), None);
        assert_eq!(at_hand.take("one more"), Some(delivery()));
        let shelf = at_hand.0.lock().expect("nobody panicked");
        assert!(shelf.deliveries.is_empty() && shelf.body_bytes == 0);
        assert!(shelf.order.len() <= MOST_DELIVERIES);
    }
}
