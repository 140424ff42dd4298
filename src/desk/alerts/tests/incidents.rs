//! Which incident alerts lead to, and what it is told.

use super::*;

#[tokio::test]
async fn an_alert_joins_the_incident_that_somebody_declared_about_its_service() {
    let night = Night::begin().await;
    let about = night.sam_declares(&["orders"]).await;
    let joined = night
        .receive(notice(
            "api",
            &[Said::fires("ApiSlow", 0)
                .severity("warning")
                .service("orders")],
        ))
        .await;
    assert_eq!(joined.incident, Some(about), "{}", joined.trace);
    assert!(joined.trace.contains("service=orders"), "{}", joined.trace);
    let other = night
        .receive(notice(
            "web",
            &[Said::fires("WebSlow", 0).severity("warning").service("web")],
        ))
        .await;
    assert_ne!(other.incident, Some(about), "{}", other.trace);
}

#[tokio::test]
async fn alerts_that_the_sender_leaves_out_are_counted_for_each_group() {
    let night = Night::begin().await;
    let db = Said::fires("DbDown", 0);
    let api = Said::fires("ApiSlow", 1);
    let opened = night
        .receive(cut_notice("db", std::slice::from_ref(&db), 3))
        .await;
    let id = opened.incident.expect("it opens one");
    night
        .receive(cut_notice("api", std::slice::from_ref(&api), 4))
        .await;
    assert_eq!(night.incident(id).await.alerts.truncated, 7);

    // A notice that says nothing else new still says that.
    let fewer = night.receive(cut_notice("db", &[db], 1)).await;
    assert_eq!(night.incident(id).await.alerts.truncated, 5, "{fewer:?}");

    night.now_at(100);
    for (group, name, starts) in [("db", "DbDown", 0), ("api", "ApiSlow", 1)] {
        night
            .receive(notice(group, &[Said::clears(name, starts, 90)]))
            .await;
    }
    let alerts = night.incident(id).await.alerts;
    assert_eq!(alerts.truncated, 0);
    assert!(alerts.all_clear());
}

#[tokio::test]
async fn what_is_left_out_of_one_group_keeps_all_from_being_clear() {
    let mut night = Night::begin().await;
    let opened = night
        .receive(cut_notice("db", &[Said::fires("DbDown", 0)], 3))
        .await;
    let id = opened.incident.expect("it opens one");
    night
        .receive(notice("api", &[Said::fires("ApiSlow", 1)]))
        .await;
    night.restart();
    night.now_at(100);
    night
        .receive(cut_notice("db", &[Said::clears("DbDown", 0, 90)], 3))
        .await;
    night
        .receive(notice("api", &[Said::clears("ApiSlow", 1, 95)]))
        .await;
    let alerts = night.incident(id).await.alerts;
    assert_eq!(
        (alerts.firing, alerts.cleared, alerts.truncated),
        (0, 2, 3),
        "the group that was cut off says nothing about the three"
    );
    assert!(!alerts.all_clear());
}

#[tokio::test]
async fn a_storm_in_one_page_redraws_the_board_once() {
    let night = Night::begin().await;
    let names = ["DbDown", "ApiSlow", "QueueStuck", "WebDown", "MailStuck"];
    let mut receipts = Vec::new();
    for name in names {
        receipts.push(night.keep(notice(name, &[Said::fires(name, 0)])).await);
    }
    night.now_at(5);
    night.work_off().await;
    assert_eq!(night.incidents().await, 1);
    let id = IncidentId(1);
    assert_eq!(night.told(id).await, 1, "four joined in one go");
    let incident = night.incident(id).await;
    assert_eq!(incident.alerts.firing, 5);
    assert_eq!(incident.severity, Severity::Sev1);
    assert_eq!(night.store.groups(id).await.expect("a read").len(), 5);
    let timeline = night.store.timeline(id).await.expect("a read");
    for name in names {
        let line = format!("{name} fires");
        let lines = timeline
            .iter()
            .filter(|stored| stored.entry.text.contains(&line));
        assert_eq!(lines.count(), 1, "{line}: {timeline:#?}");
    }
    let of_incident = night.store.receipts(Some(id), 10).await.expect("a read");
    assert_eq!(of_incident.len(), receipts.len());
}

#[tokio::test]
async fn a_page_decides_as_one_receipt_after_the_other_does() {
    let bodies = || {
        [
            notice("db", &[Said::fires("DbDown", 0).service("orders")]),
            notice("api", &[Said::fires("ApiSlow", 1).service("orders")]),
            notice("info", &[Said::fires("Backup", 1).severity("info")]),
            notice(
                "web",
                &[Said::fires("WebSlow", 2).severity("warning").service("web")],
            ),
            notice("db", &[Said::clears("DbDown", 0, 3).service("orders")]),
            notice("db", &[Said::fires("DbDown", 4).service("orders")]),
        ]
    };
    let together = Night::begin().await;
    let apart = Night::begin().await;
    for night in [&together, &apart] {
        night.now_at(6);
    }
    for body in bodies() {
        together.keep(body).await;
    }
    let at_once = together.work_off().await;
    let mut one_by_one = Vec::new();
    for body in bodies() {
        one_by_one.push(apart.receive(body).await);
    }
    assert_eq!(at_once, one_by_one);
    assert_eq!(together.incidents().await, apart.incidents().await);
    for number in 1..=together.incidents().await {
        let id = IncidentId(i64::try_from(number).expect("a small number"));
        assert_eq!(together.episodes(id).await, apart.episodes(id).await);
        assert_eq!(
            together.incident(id).await.alerts,
            apart.incident(id).await.alerts
        );
    }
}

#[tokio::test]
async fn an_alert_sent_in_another_incidents_group_stays_where_it_is() {
    let mut night = Night::begin().await;
    let theirs = Said::fires("WebSlow", 0).severity("warning").service("web");
    let older = night
        .receive(notice("new", std::slice::from_ref(&theirs)))
        .await;
    night.now_at(200);
    let mine = Said::fires("DbDown", 200).severity("warning").service("db");
    let newer = night
        .receive(notice("old", std::slice::from_ref(&mine)))
        .await;
    let (Some(older), Some(newer)) = (older.incident, newer.incident) else {
        panic!("both open one");
    };
    assert_ne!(older, newer);

    // The routes are edited: the alert now comes in the other's group.
    for _ in ["at once", "after a restart"] {
        night
            .receive(notice("new", &[mine.clone(), theirs.clone()]))
            .await;
        night.restart();
    }
    night.now_at(300);
    let cleared = Said {
        ends: Some(290),
        ..mine
    };
    night.receive(notice("new", &[cleared, theirs])).await;
    assert_eq!(night.incident(newer).await.alerts.cleared, 1);
    assert_eq!(night.incident(older).await.alerts.firing, 1);
    assert_eq!(night.store.groups(newer).await.expect("a read").len(), 1);

    // The group itself is still the other's.
    night.restart();
    let fresh = Said::fires("WebDown", 300).severity("warning");
    let joined = night.receive(notice("new", &[fresh])).await;
    assert_eq!(joined.incident, Some(older), "{}", joined.trace);
}

#[tokio::test]
async fn an_alert_that_was_only_remembered_is_news_where_it_comes_in() {
    let night = Night::begin().await;
    let backup = Said::fires("BackupLate", 0)
        .severity("info")
        .service("orders");
    night
        .receive(notice("jobs", std::slice::from_ref(&backup)))
        .await;
    night.now_at(60);
    let opened = night
        .receive(notice("jobs", &[backup, Said::fires("JobsFail", 50)]))
        .await;
    let id = opened.incident.expect("the new one asks for it");
    assert_eq!(night.incident(id).await.alerts.firing, 2);
    let timeline = night.store.timeline(id).await.expect("a read");
    for line in ["BackupLate fires", "JobsFail fires"] {
        assert!(
            timeline
                .iter()
                .any(|stored| stored.entry.text.contains(line)),
            "{line}: {timeline:#?}"
        );
    }
}

#[tokio::test]
async fn an_alert_that_fires_after_the_end_opens_another_incident() {
    let night = Night::begin().await;
    let opened = night
        .receive(notice("db", &[Said::fires("DbDown", 0)]))
        .await;
    let first = opened.incident.expect("it opens one");
    night.sam_cancels(first).await;
    night.now_at(300);
    night
        .receive(notice("db", &[Said::clears("DbDown", 0, 290)]))
        .await;
    night.now_at(2_000);
    let again = night
        .receive(notice("db", &[Said::fires("DbDown", 1_990)]))
        .await;
    let second = again.incident.expect("it opens another");
    assert_ne!(first, second);
    assert_eq!(night.episodes(second).await.len(), 1);
}

#[tokio::test]
async fn an_alert_that_begins_anew_after_the_end_opens_another_incident_however_late() {
    let day = 24 * 60 * 60;
    for began in [2_400, 2 * day] {
        let mut night = Night::begin().await;
        let opened = night
            .receive(notice("db", &[Said::fires("DbDown", 0)]))
            .await;
        let first = opened.incident.expect("it opens one");
        night.now_at(300);
        night.sam_cancels(first).await;
        // It cleared and fired again between two notices: only its start has moved.
        night.now_at(began + 30);
        let body = notice("db", &[Said::fires("DbDown", began)]);
        let told = night.desk.explain("alertmanager", &body).await;
        let told = told.expect("it is understood");
        assert!(told.starts_with("Open a SEV2 incident"), "{told}");
        let again = night.receive(body.clone()).await;
        let second = again.incident.expect("it opens another");
        assert_ne!(first, second, "{}", again.trace);
        let of = |episodes: Vec<Episode>| {
            let stretches = episodes.iter();
            stretches
                .map(|episode| (episode.starts_at, episode.ends_at))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            of(night.episodes(first).await),
            [(at(0), Some(at(300)))],
            "the first keeps what it was about"
        );
        assert_eq!(of(night.episodes(second).await), [(at(began), None)]);
        let alerts = night.incident(second).await.alerts;
        assert_eq!((alerts.firing, alerts.earliest_start), (1, Some(at(began))));

        night.restart();
        assert_eq!(night.receive(body).await.incident, Some(second));
        assert_eq!(night.incidents().await, 2);
    }
}

#[tokio::test]
async fn what_was_called_off_is_quiet_for_half_an_hour_and_then_opens_another() {
    let mut night = Night::begin().await;
    let opened = night
        .receive(notice("db", &[Said::fires("DbDown", 0)]))
        .await;
    let first = opened.incident.expect("it opens one");
    night.now_at(60);
    night.sam_cancels(first).await;
    for (second, began) in [(300, 290), (310, 290), (900, 880)] {
        night.now_at(second);
        let body = notice("db", &[Said::fires("DbDown", began)]);
        let told = night.desk.explain("alertmanager", &body).await;
        let told = told.expect("it is understood");
        assert!(told.contains("its alerts are quiet until"), "{told}");
        let again = night.receive(body).await;
        assert_eq!(again.incident, None, "{}", again.trace);
        assert!(told.starts_with(&again.trace), "{told}");
        night.restart();
    }
    assert_eq!(night.incidents().await, 1);
    assert_eq!(
        night.told(first).await,
        0,
        "it is over: nothing is told of it"
    );

    // It still fires when the half hour is over, and nobody has looked at that.
    night.now_at(60 + 30 * 60);
    let still = night
        .receive(notice("db", &[Said::fires("DbDown", 880)]))
        .await;
    let second = still.incident.expect("it opens another");
    assert_ne!(second, first, "{}", still.trace);
    assert_eq!(night.incident(second).await.alerts.firing, 1);
    assert_eq!(night.episodes(first).await.len(), 1);
}

#[tokio::test]
async fn another_alert_of_the_group_that_was_called_off_opens_an_incident_at_once() {
    let night = Night::begin().await;
    let opened = night
        .receive(notice("db", &[Said::fires("DbDown", 0)]))
        .await;
    let first = opened.incident.expect("it opens one");
    night.sam_cancels(first).await;
    night.now_at(120);
    let other = night
        .receive(notice("db", &[Said::fires("DbDisk", 110)]))
        .await;
    assert!(
        other.incident.is_some_and(|other| other != first),
        "{}",
        other.trace
    );
}

#[tokio::test]
async fn what_another_incident_covers_is_not_quiet() {
    let night = Night::begin().await;
    let opened = night
        .receive(notice("db", &[Said::fires("DbDown", 0)]))
        .await;
    let first = opened.incident.expect("it opens one");
    night.sam_cancels_as(first, CancelReason::Duplicate).await;
    night.now_at(120);
    let again = night
        .receive(notice("db", &[Said::fires("DbDown", 110)]))
        .await;
    assert!(
        again.incident.is_some_and(|again| again != first),
        "{}",
        again.trace
    );
}

#[tokio::test]
async fn alerts_that_clear_after_the_end_are_still_taken_down() {
    let night = Night::begin().await;
    let opened = night
        .receive(notice("db", &[Said::fires("DbDown", 0)]))
        .await;
    let id = opened.incident.expect("it opens one");
    night.sam_cancels(id).await;
    night.now_at(60);
    let cleared = night
        .receive(notice("db", &[Said::clears("DbDown", 0, 50)]))
        .await;
    assert_eq!(cleared.incident, Some(id), "{}", cleared.trace);
    assert_eq!(night.incident(id).await.alerts.cleared, 1);
}

#[tokio::test]
async fn a_test_alert_fired_twice_in_a_short_time_is_one() {
    let mut night = Night::begin().await;
    // Over the full minute, by whose number the first is kept.
    night.now_at(3 * 3_600 - 1);
    for (second, expected) in [
        (-1, TestAlert::Fired),
        (0, TestAlert::OnItsWay),
        (88, TestAlert::OnItsWay),
        (89, TestAlert::Fired),
        (90, TestAlert::OnItsWay),
    ] {
        night.now_at(3 * 3_600 + second);
        let fired = night.desk.take_in_test_alert().await;
        assert_eq!(fired.expect("the store writes"), expected, "{second}");
        let opened = night.work_off().await;
        assert_eq!(opened.len(), usize::from(expected == TestAlert::Fired));
        for worked in opened {
            // No umbrella of a storm.
            assert!(worked.trace.starts_with("Open a SEV3"), "{}", worked.trace);
        }
        night.restart();
    }
}
