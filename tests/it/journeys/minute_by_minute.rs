//! The night of the scenario, minute by minute, as whoever is on call lives it: what they tap and type is counted, and at
//! its end the channel tells somebody who was not there what happened.

use bridgewatch_core::incident::MilestoneName;
use bridgewatch_core::phase::Phase;

use crate::world::{Person, Span as _, World, the_three_of_the_night};

/// What the night may cost whoever is on call. It was designed with sixteen taps and seven lines; the seventeenth is that the
/// guess counts three here: the menu, its button, and the tap that sends the form.
const MOST_TAPS: usize = 17;
const MOST_LINES: usize = 6;

/// Whoever is on call, with what it costs them.
struct OnCall<'world> {
    world: &'world World,
    sam: Person<'world>,
    taps: usize,
    lines: usize,
}

impl OnCall<'_> {
    async fn taps(&mut self, label: &str) {
        let sam = self.sam.clone();
        self.taps += self
            .world
            .taps(async || drop(sam.clicks(label).await))
            .await;
    }

    async fn taps_and_reads(&mut self, label: &str) -> String {
        self.taps += 1;
        self.sam.clicks(label).await.text()
    }

    async fn says(&mut self, line: &str) {
        self.lines += 1;
        self.sam.says(line).await;
    }
}

#[tokio::test]
async fn the_night_minute_by_minute() {
    let world = World::new().await;
    let [api, database, queue] = the_three_of_the_night();
    for alert in [api, database, queue] {
        world.alertmanager().sends(alert).await;
    }

    // 03:02:40, in bed.
    let room = world.channel("inc-0001-");
    let mut night = OnCall {
        world: &world,
        sam: world.sam().in_dm(),
        taps: 0,
        lines: 0,
    };
    night.taps("Take it").await;
    night.sam = world.sam().in_channel(&room);
    room.expect_board("👑 On-Call @sam");

    // 03:05, at the laptop.
    world.advance(3.minutes()).await;
    world.channel("status-internal").expect_once("SEV1");
    night.taps("Done").await;
    night.says("obs: release 2026.11.3 went out 02:41").await;
    world.advance(2.minutes()).await;
    night.says("obs: 100/100, most from ai-worker").await;

    // 03:08, a word in private that nothing has to be done about.
    world.sam().dm().expect_no_line("You hold command and fix");
    world.advance(1.minutes()).await;
    world
        .sam()
        .dm()
        .expect_once("You hold command and fix alone in a SEV1")
        .expect_once("@mo (Bridge) was asked 6 min ago.");

    // 03:09, Mo is there.
    world.advance(1.minutes()).await;
    let mo = world.mo().in_channel(&room);
    world.mo().in_dm().clicks("Accept").await;
    night.taps("Yes, hand it over").await;
    room.expect_board("👑 Bridge @mo");
    let sam = night.sam.clone();
    night.taps += world
        .taps(async || {
            let form = sam.clicks("More…").await.clicks("We think it is…").await;
            form.fills_in(&[(
                "In one line; a guess is enough",
                "AI workers hold DB connections since 02:41 release",
            )])
            .await;
        })
        .await;
    night.lines += 1;

    // 03:12, the first thing that can be undone.
    world.advance(3.minutes()).await;
    night.taps("Start mitigating").await;
    night.says("act: AI features off").await;
    room.expect_board("**DOING** AI features off (@sam, 03:12)");
    world.advance(2.minutes()).await;
    let ticked = night.taps_and_reads("Done").await;
    assert!(ticked.contains("Effect? In 5 min I ask again."), "{ticked}");

    // 03:17, did it help?
    world.advance(3.minutes()).await;
    room.expect_once("AI features off\"?");
    night.taps("Better").await;
    room.expect_board("**DOING** AI features off (@sam, 03:12, better)");
    night.says("obs: connections 62, 5xx 9 %").await;
    world.advance(1.minutes()).await;
    world.mo().in_dm().clicks("Send").await;

    // 03:20, Mo decides.
    world.advance(2.minutes()).await;
    mo.says("dec: roll back, correlates and is reversible")
        .await;
    night.says("act: rollback to 2026.11.2 done").await;
    night.taps("Done").await;
    room.expect_board("decided: roll back, correlates and is reversible (@mo, 03:20)");
    room.expect_board("· rollback to 2026.11.2 done (@sam, 03:20)");

    // 03:34, monitoring agrees.
    world.advance(14.minutes()).await;
    for name in ["ApiErrorRateHigh", "DbConnectionsSaturated"] {
        world.alertmanager().resolves_late(name, 1.minutes()).await;
    }
    room.expect_board("2 of 3 clear since 03:33");
    world
        .alertmanager()
        .resolves_late("AiTaskQueueStalled", 0.minutes())
        .await;
    room.expect_board("3 of 3 clear");

    // 03:47, over for the users; 03:49, validated.
    world.advance(13.minutes()).await;
    night.taps("Impact over → fix it properly").await;
    world.advance(2.minutes()).await;
    night.taps("Fix applied").await;
    let done = world.taps(async || {
        let sam = night.sam.clone();
        while sam
            .sees()
            .iter()
            .any(|message| message.buttons().contains(&"Done"))
        {
            sam.clicks("Done").await;
        }
    });
    night.taps += done.await;

    // 04:07, Mo ends it.
    world.advance(18.minutes()).await;
    let ended = mo.clicks("Resolve").await;
    if ended.buttons().contains(&"Resolve anyway".to_owned()) {
        ended.clicks("Resolve anyway").await;
    }
    world.advance(1.minutes()).await;
    assert_eq!(world.incident(1).await.phase, Phase::Learning);

    // 04:08, whoever waits hears it.
    let all_clear = world.taps(async || {
        let draft = mo.clicks("All-clear").await;
        draft.clicks("Send: nothing lost").await;
    });
    assert_eq!(all_clear.await, 2);
    world
        .channel("status-internal")
        .expect_once("Nothing was lost.");
    assert!(
        world
            .milestone(1, MilestoneName::AllClearSent)
            .await
            .is_some()
    );

    assert!(
        night.taps <= MOST_TAPS && night.lines <= MOST_LINES,
        "{} taps and {} lines",
        night.taps,
        night.lines
    );
    assert!(world.milestone(1, MilestoneName::Mitigated).await.is_some());

    // Somebody who was not there reads the key moments and knows what happened.
    let told = world
        .kim()
        .in_channel(&room)
        .types("/inc show view:timeline")
        .await;
    for fact in [
        "fires",
        "took it",
        "AI workers hold DB connections",
        "AI features off",
        "roll back, correlates and is reversible",
        "rollback to 2026.11.2 done",
        "Resolution – fix",
        "Resolved",
    ] {
        told.expect(fact);
    }
    world.ends().await;
}
