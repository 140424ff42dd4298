//! The team's runbooks, as they are now. They can be exchanged while the bot runs; whoever has taken a library from the
//! shelf reads on in that one.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use bridgewatch_core::runbook::{Checklist, Library, RunbookId};
use chrono::{DateTime, TimeDelta, Utc};

/// A runbook that nobody used or changed for so long says so.
const UNUSED_AFTER: TimeDelta = TimeDelta::days(180);

/// Where the runbooks stand. Cheap to share; every copy is the same shelf.
#[derive(Clone, Debug)]
pub struct Shelf {
    library: Arc<RwLock<Arc<Library>>>,
    /// When each was last used, or first seen as it is now.
    signs_of_life: Arc<RwLock<BTreeMap<RunbookId, DateTime<Utc>>>>,
}

impl Shelf {
    /// A shelf with these runbooks.
    #[must_use]
    pub fn holding(library: Library) -> Self {
        Self {
            library: Arc::new(RwLock::new(Arc::new(library))),
            signs_of_life: Arc::default(),
        }
    }

    /// The runbooks as they are now.
    #[must_use]
    pub fn library(&self) -> Arc<Library> {
        Arc::clone(&self.library.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts other runbooks in their place, all at once.
    pub fn exchange(&self, library: Library) {
        *self.library.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(library);
    }

    /// Notes that a runbook was used or changed. Whether that was news: one note a day is enough.
    pub fn saw_life(&self, runbook: &RunbookId, at: DateTime<Utc>) -> bool {
        let mut signs = self
            .signs_of_life
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let is_news = signs
            .get(runbook)
            .is_none_or(|known| known.date_naive() < at.date_naive());
        if is_news {
            signs.insert(runbook.clone(), at);
        }
        is_news
    }

    /// Notes on a fresh copy for how long nobody has used or changed its runbook, if that is long.
    pub(super) fn date(&self, checklist: &mut Checklist, now: DateTime<Utc>) {
        let signs = self
            .signs_of_life
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let unused = signs
            .get(&checklist.runbook_id)
            .map(|last| now - *last)
            .filter(|unused| *unused >= UNUSED_AFTER)
            .and_then(|unused| u32::try_from(unused.num_days()).ok());
        if let Some(days) = unused {
            checklist
                .unused_days
                .insert(checklist.runbook_id.clone(), days);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days_after(days: i64, life: &[i64]) -> Option<u32> {
        let library = Library::embedded();
        let runbook = library.get("backend").expect("an embedded runbook");
        let mut checklist = Checklist::pin(runbook, &BTreeMap::new(), false);
        let shelf = Shelf::holding(library.clone());
        for day in life {
            let at = DateTime::UNIX_EPOCH + TimeDelta::days(*day);
            shelf.saw_life(&runbook.id, at);
        }
        shelf.date(&mut checklist, DateTime::UNIX_EPOCH + TimeDelta::days(days));
        checklist.unused_days.get(&runbook.id).copied()
    }

    #[test]
    fn half_a_year_without_a_sign_of_life_is_said() {
        assert_eq!(days_after(179, &[0]), None);
        assert_eq!(days_after(180, &[0]), Some(180));
        assert_eq!(days_after(180, &[0, 1]), None);
        assert_eq!(days_after(200, &[10, 5]), Some(190), "the newest counts");
        assert_eq!(days_after(500, &[]), None, "of which nothing is known");
    }

    #[test]
    fn one_sign_a_day_is_news() {
        let shelf = Shelf::holding(Library::embedded());
        let backend = RunbookId::new("backend").expect("a runbook's id");
        let hour = |hour: i64| DateTime::UNIX_EPOCH + TimeDelta::hours(hour);
        assert!(shelf.saw_life(&backend, hour(1)));
        assert!(!shelf.saw_life(&backend, hour(20)));
        assert!(shelf.saw_life(&backend, hour(25)));
    }
}
