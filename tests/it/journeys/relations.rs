//! Incidents and their neighbours: what comes back, what is the same, what is not.

use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::{CancelReason, Origin};
use bridgewatch_core::phase::Phase;

use crate::world::{Alert, Database, Setup, Sink, Span as _, World};

fn api_slow() -> Alert {
    Alert::named("ApiSlow").severity("critical").service("api")
}

fn mail_stuck() -> Alert {
    Alert::named("MailStuck")
        .severity("critical")
        .service("mail")
}

/// Sam has resolved INC-1 half an hour ago, and its alert fires again.
async fn it_comes_back(pager: &Sink) -> World {
    let world = Setup::default().pager(pager).start().await;
    world.alertmanager().sends(api_slow()).await;
    world.sam().takes_it().await;
    world.advance(10.minutes()).await;
    world
        .alertmanager()
        .resolves_late("ApiSlow", 1.minutes())
        .await;
    let asked = world.sam().types("/inc resolve").await;
    asked.clicks("Resolve anyway").await;
    world.advance(30.minutes()).await;
    assert_eq!(world.incident(1).await.phase, Phase::Learning);
    world.alertmanager().sends(api_slow()).await;
    world
}

/// Acceptance scenario 18: people are asked, and silence is a new incident that pages.
#[tokio::test]
async fn relapse() {
    let pager = Sink::start().await;
    let world = it_comes_back(&pager).await;
    let began_at = world.now();
    let paged = pager.taken().len();
    let first = world.channel("inc-0001-");
    first.expect_once("This looks like a relapse of INC-0001");
    world
        .sam()
        .dm()
        .expect_line("This looks like a relapse of INC-0001");
    assert_eq!(world.incidents().await, 1, "nothing opens while they think");
    world.alertmanager().repeats().await;
    first.expect_once("This looks like a relapse of INC-0001");

    world.advance(6.minutes()).await;

    assert_eq!(world.incidents().await, 2);
    let second = world.incident(2).await;
    assert_eq!(
        second.relations.origin,
        Some(Origin::RelapseOf(IncidentId(1)))
    );
    assert_eq!(
        second.alerts.earliest_start,
        Some(began_at),
        "its true time"
    );
    assert_eq!(second.alerts.firing, 1);
    world
        .channel("inc-0002-")
        .expect_board("perhaps a relapse of INC-0001");
    assert_eq!(pager.taken().len(), paged + 1, "and it pages");
    assert_eq!(world.incident(1).await.phase, Phase::Learning);
    world.ends().await;
}

/// Acceptance scenario 18: after *Reopen* there are two impact intervals, and their union counts.
#[tokio::test]
async fn relapse_that_people_recognise_is_the_old_incident_again() {
    let pager = Sink::start().await;
    let world = it_comes_back(&pager).await;
    let began_at = world.now();
    world.advance(2.minutes()).await;

    world.sam().in_dm().clicks("Reopen").await;

    let incident = world.incident(1).await;
    assert!(incident.is_active());
    assert_eq!(incident.alerts.firing, 1, "the alert that waited is here");
    assert_eq!(incident.impact.len(), 2);
    assert_eq!(incident.impact[1].start, began_at);
    world.advance(20.minutes()).await;
    assert_eq!(world.incidents().await, 1);
    let summed = incident.impact.iter().fold(0.minutes(), |sum, interval| {
        sum + (interval.end.unwrap_or(world.now()) - interval.start)
    });
    assert_eq!(incident.impact_total(world.now()), summed);
    world.ends().await;
}

/// Acceptance scenario 18: somebody finds out that users were still hurt when it fired again. The minutes in both stretches
/// count once.
#[tokio::test]
async fn relapse_with_stretches_of_impact_that_overlap_counts_their_union() {
    let pager = Sink::start().await;
    let world = it_comes_back(&pager).await;
    let began_at = world.now();
    world.advance(4.minutes()).await;
    let times = world.sam().types("/inc show view:times").await;
    let form = times.chooses("Correct a time…", &["mitigated"]).await;
    let still_hurt = began_at + 3.minutes();
    let typed = still_hurt.with_timezone(&chrono_tz::Europe::Berlin);
    let preview = form
        .fills_in(&[("Time (Europe/Berlin)", &typed.format("%H:%M").to_string())])
        .await;
    preview.clicks("Save").await;

    world.sam().in_dm().clicks("Reopen").await;

    let incident = world.incident(1).await;
    let [first, second] = incident.impact.as_slice() else {
        world.fail(&format!("not two stretches: {:?}", incident.impact))
    };
    assert_eq!(first.end, Some(still_hurt));
    assert_eq!((second.start, second.end), (began_at, None));
    world.advance(20.minutes()).await;
    let one_stretch = world.now() - first.start;
    assert_eq!(
        world.incident(1).await.impact_total(world.now()),
        one_stretch
    );
    world.ends().await;
}

#[tokio::test]
async fn relapse_that_nobody_answered_is_not_lost_in_a_crash() {
    let pager = Sink::start().await;
    let world = it_comes_back(&pager).await;
    world.tolerates_warning("the effect waits for another attempt");

    world.kills_the_bot().await;
    world.starts_the_bot().await;
    world.advance(6.minutes()).await;

    assert_eq!(world.incidents().await, 2);
    assert_eq!(world.incident(2).await.alerts.firing, 1);
    world.ends().await;
}

/// Two incidents, a minute apart.
async fn two_incidents() -> World {
    let world = Setup::default()
        .with("policy.burst_window", "0s")
        .start()
        .await;
    world.alertmanager().sends(api_slow()).await;
    world.advance(90.seconds()).await;
    world.alertmanager().sends(mail_stuck()).await;
    world.advance(90.seconds()).await;
    assert_eq!(world.incidents().await, 2);
    world
}

/// The first step of a merger is done; the database refuses the second as long as its trigger `half` is there.
async fn a_merger_half_way(world: &World) -> Database {
    for warning in [
        "the effect waits for another attempt",
        "the effect cannot be settled",
        "the outbox cannot be read",
    ] {
        world.tolerates_warning(warning);
    }
    let mut database = world.database().await;
    database
        .runs(
            "create trigger half before insert on event when new.event like '%\"absorbed\"%' \
             begin select raise(abort, 'not yet'); end",
        )
        .await;
    the_second_is_a_duplicate(world).await;
    assert_eq!(world.incident(1).await.alerts.firing, 1, "half way");
    database
}

async fn the_second_is_a_duplicate(world: &World) {
    let second = world.channel("inc-0002-");
    let sam = world.sam().in_channel(&second);
    sam.clicks("Take it").await;
    let which = sam.types("/inc more what:merge").await;
    which
        .chooses("Merge into…", &["INC-0001"])
        .await
        .expect("Merged into INC-0001");
}

#[tokio::test]
async fn a_duplicate_goes_on_in_the_other_with_everything_it_had() {
    let world = two_incidents().await;

    the_second_is_a_duplicate(&world).await;

    let second = world.incident(2).await;
    assert_eq!(second.cancelled, Some(CancelReason::Duplicate));
    let signpost = world
        .channel("inc-0002-")
        .saying("This goes on in INC-0001");
    assert!(signpost.buttons().contains(&"Go to INC-0001"));
    assert!(signpost.text.contains("@sam"), "{}", signpost.text);
    world
        .channel("inc-0001-")
        .expect_board("2 firing")
        .expect_once("Its alerts count here now");
    let reference = world.timeline(1).await;
    let refers = reference
        .iter()
        .filter(|line| line.text.contains("INC-0002") && line.text.contains("entries stay there"));
    assert_eq!(refers.count(), 1);

    // What its group says next is told to the other.
    world
        .alertmanager()
        .sends(mail_stuck().label("instance", "b"))
        .await;
    assert_eq!(world.incidents().await, 2);
    world.channel("inc-0001-").expect_board("3 firing");
    world.ends().await;
}

#[tokio::test]
async fn a_notice_between_the_two_steps_of_a_merger_lands_in_the_other() {
    let world = two_incidents().await;
    let mut database = a_merger_half_way(&world).await;

    world
        .alertmanager()
        .sends(mail_stuck().label("instance", "b"))
        .await;
    assert_eq!(world.incidents().await, 2, "it opened nothing");
    assert_eq!(world.incident(1).await.alerts.firing, 2);

    database.runs("drop trigger half").await;
    database.close().await;
    world.everything_gets_through().await;
    assert_eq!(world.incident(1).await.alerts.firing, 3);
    world.ends().await;
}

/// Two groups of one service; the second joins the first one's incident.
async fn two_groups_of_one_service() -> World {
    let world = World::new().await;
    world.alertmanager().sends(api_slow()).await;
    world.advance(2.minutes()).await;
    let other = Alert::named("MailStuck")
        .severity("critical")
        .service("api");
    world.alertmanager().sends(other).await;
    assert_eq!(world.incidents().await, 1);
    world
}

/// The bot dies between the two steps: the next one ends what this one began, once.
#[tokio::test]
async fn a_merger_that_is_cut_between_its_two_steps_is_ended_after_the_restart() {
    let world = two_incidents().await;
    let mut database = a_merger_half_way(&world).await;

    world.kills_the_bot().await;
    database.runs("drop trigger half").await;
    database.close().await;
    world.starts_the_bot().await;
    world.advance(5.minutes()).await;

    let first = world.channel("inc-0001-");
    first.expect_board("2 firing").expect_once("INC-0002");
    let refers = world.timeline(1).await;
    let refers = refers
        .iter()
        .filter(|line| line.text.contains("entries stay there"));
    assert_eq!(refers.count(), 1);
    world.ends().await;
}

#[tokio::test]
async fn what_joined_by_mistake_is_split_off_and_stays_away_until_it_is_merged() {
    let world = two_groups_of_one_service().await;
    let first = world.channel("inc-0001-");
    first
        .expect_board("2 firing")
        .expect_once("MailStuck attached because service=api");
    world.sam().in_channel(&first).clicks("Take it").await;

    world.sam().in_channel(&first).clicks("Split off").await;
    world.advance(1.minutes()).await;

    assert_eq!(world.incidents().await, 2);
    let (rest, second) = (world.incident(1).await, world.incident(2).await);
    assert_eq!((rest.alerts.firing, second.alerts.firing), (1, 1));
    assert_eq!(
        second.relations.origin,
        Some(Origin::SplitFrom(IncidentId(1)))
    );
    first.expect_board("1 firing");
    world
        .channel("inc-0002-")
        .expect_board("split off from INC-0001");

    // Pressed again, said again by the sender, and after a start with nothing in mind: it stays what it is.
    world.sam().in_channel(&first).clicks("Split off").await;
    world.stops_the_bot().await;
    world.starts_the_bot().await;
    world.alertmanager().repeats().await;
    let more = Alert::named("MailStuck")
        .severity("critical")
        .service("api");
    world
        .alertmanager()
        .sends(more.label("instance", "b"))
        .await;
    assert_eq!(world.incidents().await, 2);
    assert_eq!(world.incident(1).await.alerts.firing, 1);
    assert_eq!(world.incident(2).await.alerts.firing, 2);

    the_second_is_a_duplicate(&world).await;
    assert_eq!(world.incident(1).await.alerts.firing, 3);
    assert!(world.incident(1).await.relations.split.is_empty());
    world.ends().await;
}

#[tokio::test]
async fn what_is_split_off_can_be_chosen_by_name() {
    let world = two_groups_of_one_service().await;
    let first = world.channel("inc-0001-");
    let sam = world.sam().in_channel(&first);
    let which = sam.types("/inc more what:split-off").await;
    which
        .chooses("Split off…", &["api: MailStuck"])
        .await
        .expect("split off");
    world.advance(1.minutes()).await;
    assert_eq!(world.incidents().await, 2);
    world.ends().await;
}

/// Resolved yesterday: too late to be opened again, so it goes on in a new one that names it.
#[tokio::test]
async fn what_came_back_a_day_later_is_a_new_incident_with_one_tap() {
    let world = World::new().await;
    world.alertmanager().sends(api_slow()).await;
    world.sam().takes_it().await;
    world.sam().types("/inc sev level:sev1").await;
    let asked = world.sam().types("/inc resolve").await;
    asked.clicks("Resolve anyway").await;
    world.advance(25.hours()).await;
    let first = world.channel("inc-0001-");
    let (sam, ada) = (
        world.sam().in_channel(&first),
        world.ada().in_channel(&first),
    );

    let refused = sam.types("/inc more what:reopen").await;
    refused.expect("24 hours").expect_private();
    let late = ada.types("/inc more what:reopen").await;
    let tap = world.taps(async || {
        let (mine, hers) = tokio::join!(
            refused.clicks("Open a new one"),
            late.clicks("Open a new one")
        );
        assert_eq!(
            [mine.text(), hers.text()]
                .iter()
                .filter(|text| text.contains("You have it"))
                .count(),
            1
        );
    });
    assert_eq!(tap.await, 2, "one tap each");

    assert_eq!(world.incidents().await, 2, "and one incident");
    let (old, new) = (world.incident(1).await, world.incident(2).await);
    assert_eq!(new.relations.origin, Some(Origin::RelapseOf(IncidentId(1))));
    assert_eq!(
        (&new.title, new.severity, &new.services),
        (&old.title, old.severity, &old.services)
    );
    assert_eq!(old.phase, Phase::Learning, "it stays as it was");
    world
        .channel("inc-0002-")
        .expect_board("a relapse of INC-0001")
        .expect_board("Related: INC-0001");
    first.expect_board("Related: INC-0002 (Rapid Diagnosis)");
    ada.types("/inc more what:relapse")
        .await
        .expect("INC-0002 is live for it already");
    world.ends().await;
}
