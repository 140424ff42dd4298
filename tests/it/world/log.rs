//! What the service logs, kept per world: a warning that nobody expected fails the test.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bridgewatch::clock::monotonic;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::{EnvFilter, Layer, Registry};

/// The lines of one world.
#[derive(Clone)]
pub(super) struct Log {
    began: Instant,
    inner: Arc<Mutex<Lines>>,
}

#[derive(Default)]
struct Lines {
    lines: Vec<Line>,
    /// Parts of warnings and errors that belong to the story.
    expected: Vec<String>,
    /// Parts of those that may come or not.
    tolerated: Vec<String>,
}

#[derive(Clone)]
struct Line {
    /// Real time since the world began.
    after: Duration,
    level: Level,
    text: String,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            began: monotonic(),
            inner: Arc::default(),
        }
    }
}

impl Log {
    /// What the threads of a bot log to.
    pub(super) fn subscriber(&self) -> impl Subscriber + Send + Sync + 'static + use<> {
        // Frames of the gateway client and the driver's statements tell nothing here.
        let filter =
            EnvFilter::new("warn,bridgewatch=debug,discord_sim=warn,sqlx=warn,sqlx::pool=error");
        Registry::default().with(self.clone().with_filter(filter))
    }

    pub(super) fn expect(&self, part: &str) {
        self.lock().expected.push(part.to_owned());
    }

    pub(super) fn tolerate(&self, part: &str) {
        self.lock().tolerated.push(part.to_owned());
    }

    /// Warnings and errors that no expectation fits.
    pub(super) fn unexpected(&self) -> Vec<String> {
        let inner = self.lock();
        let is_expected = |line: &Line| {
            let mut parts = inner.expected.iter().chain(&inner.tolerated);
            parts.any(|part| line.text.contains(part))
        };
        inner
            .lines
            .iter()
            .filter(|line| line.level <= Level::WARN && !is_expected(line))
            .map(|line| format!("{} {}", line.level, line.text))
            .collect()
    }

    /// Expectations that nothing fitted: they describe a story that did not happen.
    pub(super) fn unmet(&self) -> Vec<String> {
        let inner = self.lock();
        let is_unmet = |part: &&String| !inner.lines.iter().any(|line| line.text.contains(*part));
        inner.expected.iter().filter(is_unmet).cloned().collect()
    }

    /// The newest lines.
    pub(super) fn newest(&self, most: usize) -> String {
        let inner = self.lock();
        let mut text = String::new();
        for line in inner.lines.iter().rev().take(most).rev() {
            let milliseconds = line.after.as_millis();
            let _ = writeln!(text, "  +{milliseconds} ms {:5} {}", line.level, line.text);
        }
        text
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut text = Text(event.metadata().target().to_owned());
        event.record(&mut text);
        let after = self.began.elapsed();
        self.lock().lines.push(Line {
            after,
            level: *event.metadata().level(),
            text: text.0,
        });
    }
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = match field.name() {
            "message" => write!(self.0, ": {value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}
