//! What the service has in hand: begun and not finished yet. Whoever stops it waits for that, and whoever watches it knows
//! when it is quiet.

use tokio::sync::watch;

/// Counts work that has begun and is not finished. Cheap to clone; every clone counts the same.
#[derive(Clone, Debug)]
pub struct InHand {
    pieces: watch::Sender<i64>,
}

impl Default for InHand {
    fn default() -> Self {
        Self {
            pieces: watch::Sender::new(0),
        }
    }
}

impl InHand {
    /// Begins a piece; it is finished when what comes back is dropped, also when its task is thrown away.
    #[must_use]
    pub fn begin(&self) -> Piece {
        self.expect_one();
        self.finishing_one()
    }

    /// Says that a piece is coming which [`InHand::finishing_one`] will finish elsewhere.
    pub fn expect_one(&self) {
        self.pieces.send_modify(|pieces| *pieces += 1);
    }

    /// Takes over a piece that was, or is about to be, announced by [`InHand::expect_one`].
    #[must_use]
    pub fn finishing_one(&self) -> Piece {
        Piece(self.clone())
    }

    /// How many pieces are in hand. Below 0 for a moment when the end of a piece is heard before its announcement.
    #[must_use]
    pub fn count(&self) -> i64 {
        *self.pieces.borrow()
    }

    /// Waits until nothing is in hand.
    pub async fn nothing_left(&self) {
        // The sender lives as long as `self`, so this cannot fail.
        let _ = self
            .pieces
            .subscribe()
            .wait_for(|pieces| *pieces == 0)
            .await;
    }
}

/// A piece of work that is in hand until this is dropped.
#[derive(Debug)]
pub struct Piece(InHand);

impl Drop for Piece {
    fn drop(&mut self) {
        self.0.pieces.send_modify(|pieces| *pieces -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_is_left_once_every_piece_is_dropped() {
        let in_hand = InHand::default();
        let (first, second) = (in_hand.begin(), in_hand.begin());
        assert_eq!(in_hand.count(), 2);
        drop(first);
        let waiting = tokio::spawn({
            let in_hand = in_hand.clone();
            async move { in_hand.nothing_left().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(second);
        waiting.await.expect("the wait does not panic");
    }

    #[test]
    fn a_piece_may_end_before_it_was_announced() {
        let in_hand = InHand::default();
        drop(in_hand.finishing_one());
        in_hand.expect_one();
        assert_eq!(in_hand.count(), 0);
    }
}
