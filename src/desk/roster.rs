//! The team's rota, as it is now. It can be exchanged while the bot runs; whoever has taken it from here reads on in that
//! one.

use std::sync::{Arc, PoisonError, RwLock};

use bridgewatch_core::oncall::Rota;

/// Where the rota hangs. Cheap to share; every copy is the same one.
#[derive(Clone, Debug)]
pub struct Roster(Arc<RwLock<Arc<Rota>>>);

impl Roster {
    /// With this rota.
    #[must_use]
    pub fn holding(rota: Rota) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(rota))))
    }

    /// The rota as it is now.
    #[must_use]
    pub fn rota(&self) -> Arc<Rota> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another rota in its place.
    pub(super) fn exchange(&self, rota: Rota) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rota);
    }
}
