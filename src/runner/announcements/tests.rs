//! A bot that only announces, on a real store, stopped and started at every moment that matters.

use bridgewatch_core::oncall::People;
use bridgewatch_core::ports::Outcome;
use bridgewatch_store_sqlite::SqliteStore;

use super::*;

/// A drill at 03:00, announced at 02:10.
const PLAN: &str = r#"
    [[schedule]]
    id = "night"
    scenario = "3am-outage"
    cron = "0 3 * * *"
    timezone = "UTC"
    players = ["100000000000000001"]
    facilitator = "100000000000000004"
    announce = ["50m"]
"#;

/// A bot that only announces, and what it remembers when it is started again.
struct Night {
    store: Arc<SqliteStore>,
    announcements: Announcements,
    _folder: tempfile::TempDir,
}

fn at(time_of_day: &str) -> DateTime<Utc> {
    format!("2026-11-21T{time_of_day}Z")
        .parse()
        .expect("a literal time")
}

fn on(store: &Arc<SqliteStore>) -> Announcements {
    let plan = drill::parse("drills.toml", PLAN, &People::default()).expect("a good plan");
    let store = Arc::clone(store) as Arc<dyn Store>;
    Announcements::new(store, plan.value, Arc::default())
}

impl Night {
    async fn begin() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("night.db");
        let path = path.to_str().expect("a plain path");
        let store = Arc::new(SqliteStore::open(path).await.expect("a new store"));
        Self {
            announcements: on(&store),
            store,
            _folder: folder,
        }
    }

    /// Everything that was only in mind is gone.
    fn restarts(&mut self) {
        self.announcements = on(&self.store);
    }

    async fn looks_at(&mut self, time_of_day: &str) {
        let made = self.announcements.make(at(time_of_day)).await;
        made.expect("the store answers");
    }

    async fn noted(&self) -> String {
        let fact = self.store.fact(LOOKED_UNTIL).await;
        let noted = fact.expect("the store reads").expect("it was noted");
        let noted: DateTime<Utc> = noted.parse().expect("a time was noted");
        noted.format("%H:%M:%S").to_string()
    }

    /// Carries out what was announced since the last time: the texts.
    async fn announced(&self) -> Vec<String> {
        let mut texts = Vec::new();
        loop {
            let claimed = self.store.claim(at("05:00:00"), "nobody", 60, 1).await;
            let Some(claimed) = claimed.expect("the store writes").pop() else {
                return texts;
            };
            if let Effect::TellOperators { text } = claimed.effect {
                texts.push(text);
            }
            let settled = self
                .store
                .settle(&claimed.claim, Outcome::Done, at("05:00:00"))
                .await;
            assert!(settled.expect("the store writes"));
        }
    }
}

#[tokio::test]
async fn looking_without_finding_is_noted_every_five_minutes_and_not_each_time() {
    let mut night = Night::begin().await;
    night.looks_at("02:00:00").await;
    assert_eq!(night.noted().await, "02:00:00");
    for time in ["02:00:01", "02:02:00", "02:04:59"] {
        night.looks_at(time).await;
        assert_eq!(night.noted().await, "02:00:00");
    }
    night.looks_at("02:05:00").await;
    assert_eq!(night.noted().await, "02:05:00");
    night.looks_at("02:05:01").await;
    assert_eq!(night.noted().await, "02:05:00");
}

/// The note moves with each announcement, so a restart looks only through a time in which there was none.
#[tokio::test]
async fn what_was_announced_is_not_announced_again_after_a_restart() {
    let mut night = Night::begin().await;
    for time in ["02:06:00", "02:09:59", "02:10:00"] {
        night.looks_at(time).await;
    }
    assert_eq!(night.announced().await.len(), 1);
    assert_eq!(night.noted().await, "02:10:00");
    night.restarts();
    night.looks_at("02:12:00").await;
    assert_eq!(night.announced().await, Vec::<String>::new());
}

/// The process ends after the announcement was stored and before that was noted.
#[tokio::test]
async fn an_announcement_that_was_not_noted_is_known_by_its_id() {
    let mut night = Night::begin().await;
    night.looks_at("02:06:00").await;
    night.looks_at("02:10:00").await;
    assert_eq!(night.announced().await.len(), 1);
    let before = at("02:06:00").to_rfc3339();
    let forgotten = night.store.remember(LOOKED_UNTIL, &before).await;
    forgotten.expect("the store writes");
    night.restarts();
    night.looks_at("02:12:00").await;
    assert_eq!(night.announced().await, Vec::<String>::new());
}

/// What fell due while the bot was away lies behind the note, however old that is: it is made, or told as missed.
#[tokio::test]
async fn nothing_that_fell_due_during_a_restart_is_passed_over() {
    for (back_at, expected) in [
        ("02:12:00", "📅 Drill \"3am-outage\" starts"),
        ("02:40:00", "A drill announcement was missed"),
    ] {
        let mut night = Night::begin().await;
        night.looks_at("02:06:00").await;
        night.looks_at("02:09:59").await;
        assert_eq!(night.noted().await, "02:06:00");
        night.restarts();
        night.looks_at(back_at).await;
        let announced = night.announced().await;
        assert_eq!(announced.len(), 1, "{announced:?}");
        assert!(announced[0].starts_with(expected), "{announced:?}");
    }
}
