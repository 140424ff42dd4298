//! Changes of the systems on their way to the boards: kept, and shown where they came close to an impact.

use bridgewatch_core::change::{NewChange, ReportedChange, nearest};
use bridgewatch_core::incident::{Incident, redraw};
use bridgewatch_core::ports::{Broken, Receipt};

use super::Worked;
use super::page::Page;
use crate::desk::IncidentDesk;

impl Page<'_> {
    /// Keeps a change, and draws the boards again that show it: all in one commit.
    pub(super) async fn take_change(
        &mut self,
        receipt: &Receipt,
        change: NewChange,
    ) -> Result<Worked, Broken> {
        let change = change.reported(&receipt.id, receipt.received_at);
        let shown = self.desk.shown_by(&change).await?;
        let cause = format!("change/{}", receipt.id);
        let effects = shown.iter().flat_map(|incident| redraw(incident, &cause));
        let trace = trace_of(&change, shown.len());
        let done = (receipt.id.clone(), trace.clone());
        self.note(change, effects.collect(), done);
        Ok(Worked {
            trace,
            incident: None,
        })
    }
}

impl IncidentDesk {
    /// The live incidents whose boards show a change.
    pub(super) async fn shown_by(&self, change: &ReportedChange) -> Result<Vec<Incident>, Broken> {
        let mut shown = self.store.recent_incidents(self.clock.now()).await?;
        shown.retain(|incident| {
            incident.is_active() && !nearest(incident, std::slice::from_ref(change)).is_empty()
        });
        Ok(shown)
    }
}

/// What came of a change. How many boards, and not which: one of them may be restricted.
pub(super) fn trace_of(change: &ReportedChange, boards: usize) -> String {
    let kind = change.kind.word();
    match boards {
        0 => format!("a {kind} is noted; no live incident began near it"),
        1 => format!("a {kind} is noted; one live incident shows it"),
        many => format!("a {kind} is noted; {many} live incidents show it"),
    }
}
