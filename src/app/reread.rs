//! The team's runbooks and its rota, read again while the bot runs: somebody mends a step at noon, and the next incident has
//! it; somebody swaps a night, and the next page rings where it should.
//!
//! The folder and the file are looked at every ten seconds, and at once on SIGHUP. A change is taken when two looks in a row have found
//! the same, so that a half-written file or a half-finished `git pull` is not read. A file with a mistake is refused and the
//! version before stays; the people who keep the bot running are told once. Incidents under way keep what they began with
//! and are told that there is a newer version.

mod rota;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::ports::{Broken, Store};
use bridgewatch_core::runbook::{FileFindings, Folder};
use chrono::TimeDelta;
use tokio::sync::{Notify, watch};

use super::folder::read_folder;
use crate::clock::Clock;
use crate::desk::IncidentDesk;
use crate::telemetry;

/// How often folder and file are looked at.
const LOOK_EVERY: TimeDelta = TimeDelta::seconds(10);

/// The most findings that one message to the operators names.
const MOST_TOLD: usize = 5;

/// The longest finding in it, in characters.
const LONGEST_TOLD: usize = 300;

/// Reads the team's runbooks and its rota again when they change.
pub(super) struct Reread {
    /// The folder of the runbooks; `None` when those that come with the program are used.
    pub(super) folder: Option<PathBuf>,
    /// The file with the rota, if there is one.
    pub(super) rota_file: Option<PathBuf>,
    pub(super) desk: Arc<IncidentDesk>,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Clock,
    pub(super) effects_waiting: Arc<Notify>,
    /// Counts the looks, each when everything that followed from it is done.
    pub(super) looks: watch::Sender<u64>,
}

/// What the looks at one thing found. Two in a row must have found the same before it is taken.
struct Looks<Found> {
    /// What was taken last.
    used: Option<Found>,
    /// What the last look found.
    last: Option<Found>,
}

impl<Found> Default for Looks<Found> {
    fn default() -> Self {
        Self {
            used: None,
            last: None,
        }
    }
}

impl<Found: PartialEq + Clone> Looks<Found> {
    /// Whether what was found is to be taken now. `at_once` takes it without waiting for a second look.
    fn settle(&mut self, found: &Found, at_once: bool) -> bool {
        let is_settled = at_once || self.last.as_ref() == Some(found);
        let is_taken = is_settled && (at_once || self.used.as_ref() != Some(found));
        if is_taken {
            self.used = Some(found.clone());
        }
        self.last = Some(found.clone());
        is_taken
    }
}

/// What is known of the runbooks between two looks.
#[derive(Default)]
struct Known {
    looks: Looks<Found>,
    /// What the operators were told last, so that they are told once.
    told: Option<Trouble>,
}

/// Why not everything in the folder is in use.
#[derive(Clone, Debug, PartialEq)]
enum Trouble {
    /// The folder cannot be read.
    Unreadable(String),
    /// Some files have errors.
    Refused(Vec<FileFindings>),
}

/// What a look at the folder finds: its files, or why they cannot be read.
type Found = Result<Folder, String>;

impl Reread {
    /// Looks until told to stop.
    pub(super) async fn run(self, mut stop: watch::Receiver<bool>) {
        // Whoever listens is not ended by it, also where there is nothing to read again.
        let mut hangup = Hangup::listen();
        // Files may have changed while the bot was down.
        self.tell_incidents().await;
        if self.folder.is_none() && self.rota_file.is_none() {
            let _ = stop.wait_for(|stop| *stop).await;
            return;
        }
        let mut runbooks = Known::default();
        let mut rota = rota::Known::default();
        while !*stop.borrow() {
            let next = self.clock.now() + LOOK_EVERY;
            let at_once = tokio::select! {
                () = self.clock.sleep_until(next) => false,
                () = hangup.heard() => true,
                _ = stop.changed() => continue,
            };
            if let Some(folder) = &self.folder {
                self.look(folder, &mut runbooks, at_once).await;
            }
            if let Some(file) = &self.rota_file {
                self.look_at_rota(file, &mut rota, at_once).await;
            }
            self.looks.send_modify(|looks| *looks += 1);
        }
    }

    /// One look at the runbooks.
    async fn look(&self, folder: &Path, known: &mut Known, at_once: bool) {
        let found = look_at(folder).await;
        if known.looks.settle(&found, at_once) {
            self.take(&found, known).await;
        }
    }

    async fn take(&self, found: &Found, known: &mut Known) {
        let trouble = self.exchange(found).await;
        let refused = match &trouble {
            None => 0,
            Some(Trouble::Unreadable(_)) => 1,
            Some(Trouble::Refused(files)) => files.len(),
        };
        metrics::gauge!(telemetry::RUNBOOKS_REFUSED).set(refused as f64);
        if trouble == known.told {
            return;
        }
        match &trouble {
            None => tracing::info!("every runbook file can be used again"),
            Some(Trouble::Unreadable(why)) => {
                tracing::error!(
                    error = why,
                    "the runbooks cannot be read; those before stay in use"
                );
            }
            Some(Trouble::Refused(files)) => {
                for file in files {
                    tracing::error!(error = %file, "a runbook file is refused; what was in use stays in use");
                }
            }
        }
        match self
            .tell_operators("runbooks", words(trouble.as_ref()))
            .await
        {
            Ok(()) => known.told = trouble,
            Err(trouble) => {
                tracing::error!(error = %trouble, "nobody could be told about the runbooks");
            }
        }
    }

    /// Puts on the shelf what can be used; what cannot, if anything.
    async fn exchange(&self, found: &Found) -> Option<Trouble> {
        let folder = match found {
            Ok(folder) => folder.clone(),
            Err(why) => return Some(Trouble::Unreadable(why.clone())),
        };
        let shelf = &self.desk.team().shelf;
        let before = shelf.library();
        let renewal = before.read_again(folder);
        if renewal.library != *before {
            let runbooks = renewal.library.runbooks().len();
            tracing::info!(runbooks, "the runbooks were read again");
            shelf.exchange(renewal.library);
            self.tell_incidents().await;
        }
        (!renewal.refused.is_empty()).then_some(Trouble::Refused(renewal.refused))
    }

    async fn tell_operators(&self, about: &str, text: String) -> Result<(), Broken> {
        let now = self.clock.now();
        let told = NewEffect {
            id: EffectId(format!("{about}/{}/told", now.timestamp_micros())),
            incident: None,
            stream: "operators".to_owned(),
            lane: Lane::Background,
            coalesce_key: None,
            not_before: None,
            effect: Effect::TellOperators { text },
        };
        self.store.enqueue(vec![told], now).await?;
        self.effects_waiting.notify_one();
        Ok(())
    }

    async fn tell_incidents(&self) {
        if let Err(trouble) = self.desk.runbooks_were_read().await {
            tracing::error!(error = %trouble, "not every incident knows that there are newer runbooks");
        }
    }
}

async fn look_at(folder: &Path) -> Found {
    let folder = folder.to_owned();
    match tokio::task::spawn_blocking(move || read_folder(&folder)).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(trouble)) => Err(format!("{trouble:#}")),
        Err(trouble) => Err(trouble.to_string()),
    }
}

/// What the operators read.
fn words(trouble: Option<&Trouble>) -> String {
    let files = match trouble {
        None => return "✅ Every runbook file can be used again.".to_owned(),
        Some(Trouble::Unreadable(why)) => {
            let why: String = why.chars().take(LONGEST_TOLD).collect();
            return format!("⚠ The runbooks cannot be read; those before stay in use. {why}");
        }
        Some(Trouble::Refused(files)) => files,
    };
    let mut text = format!(
        "⚠ {} runbook {} cannot be used; what was in use before stays in use. `bridgewatch runbook lint` shows everything.",
        files.len(),
        if files.len() == 1 { "file" } else { "files" },
    );
    let findings = files
        .iter()
        .flat_map(|file| file.findings.iter().map(move |finding| (file, finding)));
    let lines = findings.map(|(file, finding)| format!("{}:{finding}", file.file));
    text.push_str(&named(lines));
    text
}

/// The first few findings, each on a line of its own and as it was written.
fn named(findings: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = findings
        .map(|line| line.replace('`', "'").chars().take(LONGEST_TOLD).collect())
        .collect();
    let mut text = String::new();
    for line in lines.iter().take(MOST_TOLD) {
        text.push_str(&format!("\n`{line}`"));
    }
    if lines.len() > MOST_TOLD {
        text.push_str(&format!("\n… and {} more", lines.len() - MOST_TOLD));
    }
    text
}

/// Somebody asks to read now: `kill -HUP`, or `systemctl reload`.
struct Hangup {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl Hangup {
    #[cfg(unix)]
    fn listen() -> Self {
        let kind = tokio::signal::unix::SignalKind::hangup();
        let signal = tokio::signal::unix::signal(kind);
        if let Err(trouble) = &signal {
            tracing::warn!(error = %trouble, "SIGHUP cannot be listened to; the files of the team are looked at all the same");
        }
        Self {
            signal: signal.ok(),
        }
    }

    #[cfg(not(unix))]
    fn listen() -> Self {
        Self {}
    }

    async fn heard(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::Looks;

    #[test]
    fn what_two_looks_in_a_row_find_is_taken_once() {
        let mut looks = Looks::default();
        let taken = ["a", "a", "a", "half", "b", "b", "b"].map(|found| looks.settle(&found, false));
        assert_eq!(taken, [false, true, false, false, false, true, false]);
    }

    #[test]
    fn whoever_asks_to_read_now_does_not_wait_for_a_second_look() {
        let mut looks = Looks::default();
        let taken = [("a", false), ("b", true), ("b", false), ("b", true)]
            .map(|(found, at_once)| looks.settle(&found, at_once));
        assert_eq!(taken, [false, true, false, true]);
    }
}
