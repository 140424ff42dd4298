//! `bridgewatch audit verify`: has anybody changed the record behind the bot's back?
//!
//! Reads beside a running bot. Prints where each log ends, so that it can be noted somewhere else: whoever can write the
//! database could write all of it anew, but not that note.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::bail;
use bridgewatch_core::audit::{self, Begins, Verdict};
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::ports::Store;

use super::{load, open_for_reading};

use crate::output::out;

/// Checks every incident, or one.
///
/// # Errors
/// When something is not as it was written, or the database cannot be read.
pub async fn verify(path: Option<&Path>, incident: Option<&str>) -> anyhow::Result<()> {
    let wanted = incident.map(str::parse::<IncidentId>).transpose()?;
    let store = open_for_reading(&load(path)?).await?;
    let verdicts = verdicts(store.as_ref(), wanted).await;
    store.close().await;
    let verdicts = verdicts?;
    out!("{}", report(&verdicts));
    let broken = verdicts.iter().filter(|one| !one.breaks.is_empty()).count();
    if broken > 0 {
        bail!(
            "{broken} of {} incidents are not as they were written: keep this database, and compare it with a backup",
            verdicts.len()
        );
    }
    Ok(())
}

async fn verdicts(store: &dyn Store, wanted: Option<IncidentId>) -> anyhow::Result<Vec<Verdict>> {
    let mut incidents = store.audited().await?;
    if let Some(wanted) = wanted {
        incidents.retain(|id| *id == wanted);
        if incidents.is_empty() {
            bail!("there is no {wanted}; `/inc list` shows those there are");
        }
    }
    let mut verdicts = Vec::with_capacity(incidents.len());
    for id in incidents {
        verdicts.push(audit::verify(&store.audit_trail(id).await?));
    }
    Ok(verdicts)
}

/// One line for each incident, one for each place where it is not as it was written, and the sum.
fn report(verdicts: &[Verdict]) -> String {
    let mut text = String::new();
    let mut line =
        |words: String| writeln!(text, "{words}").expect("writing to a String cannot fail");
    for verdict in verdicts {
        let begins = match verdict.begins {
            Begins::WithTheIncident => String::new(),
            Begins::Later {
                after_event,
                after_line,
            } => format!(
                "; older than the log, which begins after event {after_event} and T-{after_line}"
            ),
            Begins::NotYet => "; older than the log, and nothing has happened since".to_owned(),
        };
        line(format!(
            "{}  {} rows  head {}{begins}",
            verdict.incident, verdict.rows, verdict.head.hash
        ));
        for found in &verdict.breaks {
            line(format!(
                "{}  BROKEN at row {}: {}",
                verdict.incident, found.number, found.what
            ));
        }
    }
    let rows: usize = verdicts.iter().map(|verdict| verdict.rows).sum();
    let sound = verdicts.iter().filter(|one| one.breaks.is_empty()).count();
    line(format!(
        "{rows} rows checked; {sound} of {} incidents are as they were written",
        verdicts.len()
    ));
    text
}

#[cfg(test)]
mod tests {
    use bridgewatch_core::audit::{Break, Head};

    use super::*;

    #[test]
    fn the_report_names_the_incident_the_row_and_the_heads() {
        let sound = Verdict {
            incident: IncidentId(1),
            rows: 12,
            begins: Begins::Later {
                after_event: 3,
                after_line: 2,
            },
            head: Head {
                count: 12,
                hash: "aa11".to_owned(),
            },
            breaks: Vec::new(),
        };
        let broken = Verdict {
            incident: IncidentId(2),
            rows: 4,
            begins: Begins::WithTheIncident,
            breaks: vec![Break {
                number: 3,
                what: "T-1 was changed".to_owned(),
            }],
            ..sound.clone()
        };
        insta::assert_snapshot!(report(&[sound, broken]), @r"
        INC-0001  12 rows  head aa11; older than the log, which begins after event 3 and T-2
        INC-0002  4 rows  head aa11
        INC-0002  BROKEN at row 3: T-1 was changed
        16 rows checked; 1 of 2 incidents are as they were written
        ");
    }
}
