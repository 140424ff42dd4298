//! The effects that this process has in its hands.
//!
//! A lease is told in wall time, and wall time can jump: a machine that slept, a clock that was set. Then the outbox hands
//! out an effect whose call is still on its way, and it would be carried out twice at once. Here the second claim is seen
//! for what it is, a longer lease on the first: the call goes on, and settles with the newest claim.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bridgewatch_core::effect::EffectId;
use bridgewatch_core::ports::{Broken, Claim, Claimed};

/// Which effects are being carried out, each with the number of its newest claim.
#[derive(Clone, Default)]
pub(super) struct InProgress {
    newest: Arc<Mutex<HashMap<EffectId, i64>>>,
    /// Held from asking for claims until they are noted here, so that no renewal is missed in between.
    claiming: Arc<tokio::sync::Mutex<()>>,
}

impl InProgress {
    /// Claims, and leaves only what is not in hand yet. What is, has its lease renewed.
    pub(super) async fn only_new(
        &self,
        claim: impl Future<Output = Result<Vec<Claimed>, Broken>>,
    ) -> Result<Vec<(Claimed, InHandHere)>, Broken> {
        let _noting = self.claiming.lock().await;
        let claimed = claim.await?;
        let mut newest = self.newest();
        Ok(claimed
            .into_iter()
            .filter_map(|claimed| {
                let Claim { id, epoch } = claimed.claim.clone();
                if newest.insert(id.clone(), epoch).is_some() {
                    tracing::warn!(
                        effect.id = id.0,
                        "the clock jumped over a lease; it is renewed"
                    );
                    return None;
                }
                let here = InHandHere {
                    list: self.clone(),
                    id,
                };
                Some((claimed, here))
            })
            .collect())
    }

    /// Does something that only the holder of the newest claim may do. `false`: somebody else has it.
    pub(super) async fn as_holder<Doing>(
        &self,
        claim: &Claim,
        act: impl Fn(Claim) -> Doing,
    ) -> Result<bool, Broken>
    where
        Doing: Future<Output = Result<bool, Broken>>,
    {
        let held = self.renewed(claim);
        if act(held.clone()).await? {
            return Ok(true);
        }
        let renewed = {
            let _noted = self.claiming.lock().await;
            self.renewed(claim)
        };
        if renewed == held {
            return Ok(false);
        }
        act(renewed).await
    }

    fn renewed(&self, claim: &Claim) -> Claim {
        let epoch = self.newest().get(&claim.id).copied();
        Claim {
            id: claim.id.clone(),
            epoch: epoch.unwrap_or(claim.epoch),
        }
    }

    fn newest(&self) -> MutexGuard<'_, HashMap<EffectId, i64>> {
        // Every change is one call on the map: it is whole even if a thread ended while holding it.
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One effect in hand; dropped when it is settled, or when its task ends in any other way.
pub(super) struct InHandHere {
    list: InProgress,
    id: EffectId,
}

impl Drop for InHandHere {
    fn drop(&mut self) {
        self.list.newest().remove(&self.id);
    }
}
