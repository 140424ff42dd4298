//! What is remembered of alerts, whatever order they come in and wherever the bot stops.

use super::*;
use bridgewatch_core::webhook::Webhook;

#[tokio::test]
async fn a_late_notice_about_an_alert_that_is_over_opens_nothing() {
    let mut night = Night::begin().await;
    night.now_at(70);
    let over = night
        .receive(notice("db", &[Said::clears("DbDown", 0, 60)]))
        .await;
    assert_eq!(over.incident, None);
    for _ in ["at once", "after a restart"] {
        let late = night
            .receive(notice("db", &[Said::fires("DbDown", 0)]))
            .await;
        assert_eq!(late.incident, None, "{}", late.trace);
        assert!(
            late.trace.contains("1 alert older than what is known"),
            "{}",
            late.trace
        );
        night.restart();
    }
    assert_eq!(night.incidents().await, 0);

    // It begins anew after that end: now it is true.
    night.now_at(100);
    let again = night
        .receive(notice("db", &[Said::fires("DbDown", 90)]))
        .await;
    assert_eq!(again.incident, Some(IncidentId(1)), "{}", again.trace);
}

#[tokio::test]
async fn a_pair_that_speaks_in_any_order_within_one_page_is_understood() {
    let night = Night::begin().await;
    night.now_at(70);
    night
        .keep(notice("db", &[Said::clears("DbDown", 0, 60)]))
        .await;
    night.keep(notice("db", &[Said::fires("DbDown", 0)])).await;
    night.work_off().await;
    assert_eq!(night.incidents().await, 0);
}

#[tokio::test]
async fn an_alert_that_clears_and_fires_again_within_one_page_leaves_two_episodes() {
    let night = Night::begin().await;
    let opened = night
        .receive(notice("db", &[Said::fires("DbDown", 0)]))
        .await;
    let id = opened.incident.expect("it opens one");
    night.now_at(130);
    for said in [
        Said::clears("DbDown", 0, 60),
        Said::fires("DbDown", 90),
        Said::clears("DbDown", 90, 120),
    ] {
        night.keep(notice("db", &[said])).await;
    }
    night.work_off().await;
    let ends: Vec<_> = night
        .episodes(id)
        .await
        .iter()
        .map(|episode| (episode.starts_at, episode.ends_at))
        .collect();
    assert_eq!(ends, [(at(0), Some(at(60))), (at(90), Some(at(120)))]);
    let alerts = night.incident(id).await.alerts;
    assert_eq!((alerts.firing, alerts.cleared), (0, 1));
}

#[tokio::test]
async fn the_same_alert_twice_in_one_notice_is_heard_twice() {
    let night = Night::begin().await;
    let opened = night
        .receive(notice("db", &[Said::fires("DbDown", 0)]))
        .await;
    let id = opened.incident.expect("it opens one");
    night.now_at(100);
    night
        .receive(notice(
            "db",
            &[Said::clears("DbDown", 0, 60), Said::fires("DbDown", 90)],
        ))
        .await;
    let ends: Vec<_> = night
        .episodes(id)
        .await
        .iter()
        .map(|episode| (episode.starts_at, episode.ends_at))
        .collect();
    assert_eq!(ends, [(at(0), Some(at(60))), (at(90), None)]);
}

#[tokio::test]
async fn an_end_whose_start_moves_earlier_stays_one_episode() {
    let night = Night::begin().await;
    let opened = night
        .receive(notice("db", &[Said::fires("DbDown", 10)]))
        .await;
    let id = opened.incident.expect("it opens one");
    night.now_at(70);
    night
        .receive(notice("db", &[Said::clears("DbDown", 10, 60)]))
        .await;
    night
        .receive(notice("db", &[Said::clears("DbDown", 0, 65)]))
        .await;
    assert_eq!(night.episodes(id).await.len(), 1);
    let alerts = night.incident(id).await.alerts;
    assert_eq!((alerts.firing, alerts.cleared), (0, 1));
    assert_eq!(alerts.earliest_start, Some(at(0)));
    assert_eq!(alerts.last_cleared_at, Some(at(65)));
}

#[tokio::test]
async fn work_that_is_done_again_after_a_crash_changes_nothing() {
    let mut night = Night::begin().await;
    let bodies = [
        notice("db", &[Said::fires("DbDown", 0)]),
        notice("api", &[Said::fires("ApiSlow", 5).service("orders")]),
        notice("db", &[Said::clears("DbDown", 0, 8)]),
        notice("info", &[Said::fires("Backup", 0).severity("info")]),
    ];
    let mut receipts = Vec::new();
    for body in bodies {
        receipts.push(night.keep(body).await);
    }
    night.now_at(10);
    night.work_off().await;
    let id = IncidentId(1);
    let before = (night.incident(id).await, night.episodes(id).await.len());
    for again in [&receipts[..], &receipts[2..], &receipts[1..2]] {
        night.restart();
        let worked = night.desk.work_off_all(again).await;
        worked.expect("the store writes");
        let after = (night.incident(id).await, night.episodes(id).await.len());
        assert_eq!(before.0.alerts, after.0.alerts);
        assert_eq!(before.0.seq, after.0.seq, "nothing happened to it");
        assert_eq!(before.1, after.1);
    }
    assert_eq!(night.incidents().await, 1);
}

#[tokio::test]
async fn what_cannot_be_understood_is_kept_and_holds_nobody_up() {
    let night = Night::begin().await;
    night.keep(b"not JSON".to_vec()).await;
    night.keep(notice("db", &[Said::fires("DbDown", 0)])).await;
    let worked = night.work_off().await;
    assert!(
        worked[0].trace.contains("not a JSON object"),
        "{}",
        worked[0].trace
    );
    assert_eq!(worked[1].incident, Some(IncidentId(1)));
    let kept = night.store.receipts(None, 10).await.expect("a read");
    assert!(
        kept.iter()
            .all(|receipt| receipt.state == ReceiptState::Done)
    );
    let unreadable = kept.last().expect("two are kept");
    assert_eq!(
        unreadable.trace.as_deref(),
        Some(worked[0].trace.as_str()),
        "its trace says why"
    );
}

#[tokio::test]
async fn each_alert_is_remembered_though_it_leads_nowhere() {
    let night = Night::begin().await;
    let backup = Said::fires("Backup", 0).severity("info");
    night
        .receive(notice("info", std::slice::from_ref(&backup)))
        .await;
    night.now_at(60);
    night
        .receive(notice("info", std::slice::from_ref(&backup)))
        .await;
    let known = night.store.newest_episodes(&[backup.key()]).await;
    let known = known.expect("a read");
    assert_eq!(known.len(), 1);
    let (home, episode) = &known[0];
    assert_eq!(*home, None);
    assert_eq!(
        (episode.first_seen_at, episode.last_seen_at),
        (at(0), at(60))
    );
}

#[tokio::test]
async fn what_the_desk_keeps_in_mind_is_what_it_would_read() {
    let api = || Said::fires("ApiDown", 0).service("orders-api");
    let database = |starts| Said::fires("DbDown", starts).service("orders-db");
    let info = || Said::fires("Backup", 0).severity("info");
    let told = [
        (10, notice("api", &[api()])),
        (20, notice("api", &[api(), database(15)])),
        // A repeat, and the same alert in another group.
        (400, notice("api", &[api(), database(15)])),
        (410, notice("db", &[database(15)])),
        (
            420,
            notice(
                "db",
                &[Said::clears("DbDown", 15, 415).service("orders-db")],
            ),
        ),
        // Late, and then insisted on.
        (430, notice("db", &[database(15)])),
        (900, notice("db", &[database(15)])),
        (910, notice("db", &[database(905), info()])),
        (920, cut_notice("api", &[api(), info()], 7)),
        (
            930,
            notice(
                "api",
                &[Said::clears("ApiDown", 0, 925).service("orders-api")],
            ),
        ),
        (940, notice("api", &[api(), api()])),
    ];
    let keeps_in_mind = Night::begin().await;
    let mut starts_anew = Night::begin().await;
    for (seconds, body) in told {
        keeps_in_mind.now_at(seconds);
        starts_anew.now_at(seconds);
        starts_anew.restart();
        let worked = keeps_in_mind.receive(body.clone()).await;
        assert_eq!(worked, starts_anew.receive(body).await, "{seconds}");
    }
    let keys = [api().key(), database(15).key(), info().key()];
    let known = keeps_in_mind.store.newest_episodes(&keys).await;
    let known = known.expect("a read");
    assert_eq!(known.len(), 3);
    let read = starts_anew.store.newest_episodes(&keys).await;
    assert_eq!(known, read.expect("a read"));
    let id = known[0].0.expect("the API has an incident");
    assert_eq!(
        keeps_in_mind.episodes(id).await,
        starts_anew.episodes(id).await
    );
}

#[tokio::test]
async fn a_repeat_is_written_down_once_a_minute() {
    let night = Night::begin().await;
    let body = notice("api", &[Said::fires("ApiDown", 0)]);
    let keys = [Said::fires("ApiDown", 0).key()];
    let mut written = Vec::new();
    for seconds in [0, 15, 59, 60, 75, 119, 120] {
        night.now_at(seconds);
        night.receive(body.clone()).await;
        let known = night.store.newest_episodes(&keys).await;
        let (_, episode) = known.expect("a read").pop().expect("it is known");
        written.push((episode.last_seen_at - at(0)).num_seconds());
    }
    assert_eq!(written, [0, 0, 0, 60, 60, 60, 120]);
}

#[tokio::test]
async fn what_the_intake_read_is_not_read_again() {
    let night = Night::begin().await;
    let receipt = night.keep(b"{}".to_vec()).await;
    let said = intake::understand("alertmanager", &notice("api", &[Said::fires("ApiDown", 0)]));
    let Ok(Webhook::Alerts(delivery)) = said else {
        panic!("a good notice: {said:?}")
    };
    night.at_hand.lay(&receipt.id, delivery, 2);
    let worked = night.work_off().await;
    assert_eq!(worked.len(), 1);
    assert!(worked[0].incident.is_some(), "{}", worked[0].trace);
}
