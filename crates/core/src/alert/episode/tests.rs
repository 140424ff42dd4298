use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::*;
use crate::alert::tests::{at, cleared, firing};

const NAME: &str = "DbConnectionsSaturated";

/// Hears each alert a second after the last, from second 1,000 on, and returns every merge.
fn hear(alerts: &[Alert]) -> Vec<Merge> {
    let mut merges: Vec<Merge> = Vec::new();
    for (second, alert) in (1_000..).zip(alerts) {
        let current = merges.last().map(|merge| &merge.episode);
        merges.push(merge(current, alert, at(second)));
    }
    merges
}

fn changes(alerts: &[Alert]) -> Vec<EpisodeChange> {
    hear(alerts).iter().map(|merge| merge.change).collect()
}

fn last(alerts: &[Alert]) -> Episode {
    let merges = hear(alerts);
    merges.last().expect("something was heard").episode.clone()
}

/// What people are shown: whether it fires, since when, until when.
fn truth(episode: &Episode) -> (AlertStatus, DateTime<Utc>, Option<DateTime<Utc>>) {
    (episode.state, episode.starts_at, episode.ends_at)
}

#[test]
fn an_alert_fires_repeats_and_clears() {
    let history = [
        firing(NAME, 10),
        firing(NAME, 10),
        cleared(NAME, 10, 90),
        cleared(NAME, 10, 90),
    ];
    assert_eq!(
        changes(&history),
        [
            EpisodeChange::Opened,
            EpisodeChange::Repeated,
            EpisodeChange::Cleared,
            EpisodeChange::Repeated
        ]
    );
    let episode = last(&history);
    assert_eq!(
        truth(&episode),
        (AlertStatus::Resolved, at(10), Some(at(90)))
    );
    assert_eq!(
        (episode.first_seen_at, episode.last_seen_at),
        (at(1_000), at(1_003))
    );
}

#[test]
fn an_alert_that_fires_again_begins_a_new_episode() {
    let merges = hear(&[
        firing(NAME, 10),
        cleared(NAME, 10, 90),
        firing(NAME, 200),
        cleared(NAME, 200, 260),
    ]);
    assert_eq!(merges[2].change, EpisodeChange::Refired);
    assert_eq!(merges[2].episode.first_seen_at, at(1_002));
    assert_eq!(
        truth(&merges[3].episode),
        (AlertStatus::Resolved, at(200), Some(at(260)))
    );
}

#[test]
fn a_pair_that_interleaves_its_notices_changes_nothing() {
    let history = [
        firing(NAME, 10),
        cleared(NAME, 10, 90),
        firing(NAME, 10),
        cleared(NAME, 10, 90),
    ];
    assert_eq!(
        changes(&history)[2..],
        [EpisodeChange::Stale, EpisodeChange::Repeated]
    );
    assert_eq!(last(&history).state, AlertStatus::Resolved);
}

#[test]
fn a_late_resolved_notice_does_not_clear_an_alert_that_fires_again() {
    let history = [firing(NAME, 10), firing(NAME, 200), cleared(NAME, 10, 90)];
    assert_eq!(
        changes(&history)[1..],
        [EpisodeChange::Restarted, EpisodeChange::Restarted]
    );
    assert_eq!(truth(&last(&history)), (AlertStatus::Firing, at(200), None));
}

#[test]
fn a_firing_notice_that_comes_after_the_end_it_precedes_is_stale() {
    let history = [cleared(NAME, 10, 90), firing(NAME, 10)];
    assert_eq!(
        changes(&history),
        [EpisodeChange::ArrivedCleared, EpisodeChange::Stale]
    );
    // An end at the very second of the start is no earlier either.
    let touching = [cleared(NAME, 10, 90), firing(NAME, 90)];
    assert_eq!(changes(&touching)[1], EpisodeChange::Stale);
}

#[test]
fn a_sender_that_insists_is_believed_and_its_old_end_forgotten() {
    let over = last(&[firing(NAME, 10), cleared(NAME, 10, 90)]);
    let doubted = merge(Some(&over), &firing(NAME, 10), at(2_000));
    assert_eq!(doubted.change, EpisodeChange::Stale);
    let retried = merge(Some(&doubted.episode), &firing(NAME, 10), at(2_359));
    assert_eq!(retried.change, EpisodeChange::Stale);
    let believed = merge(Some(&retried.episode), &firing(NAME, 10), at(2_360));
    assert_eq!(believed.change, EpisodeChange::Reopened);
    assert_eq!(
        truth(&believed.episode),
        (AlertStatus::Firing, at(10), None)
    );
    let repeated = merge(Some(&believed.episode), &firing(NAME, 10), at(2_700));
    assert_eq!(repeated.change, EpisodeChange::Repeated);
    let old_end = merge(Some(&repeated.episode), &cleared(NAME, 10, 90), at(2_701));
    assert_eq!(old_end.change, EpisodeChange::Stale);
    assert_eq!(old_end.episode.state, AlertStatus::Firing);
    let new_end = merge(Some(&old_end.episode), &cleared(NAME, 10, 2_800), at(2_900));
    assert_eq!(new_end.change, EpisodeChange::Cleared);
}

#[test]
fn a_second_sender_may_know_of_an_earlier_start() {
    let history = [firing(NAME, 10), firing(NAME, 4), firing(NAME, 10)];
    assert_eq!(
        changes(&history)[1..],
        [EpisodeChange::StartMovedEarlier, EpisodeChange::Repeated]
    );
    assert_eq!(last(&history).starts_at, at(4));
}

#[test]
fn an_alert_that_cleared_and_fired_between_two_notices_stays_one_episode() {
    let history = [firing(NAME, 10), firing(NAME, 17), cleared(NAME, 17, 90)];
    assert_eq!(changes(&history)[1], EpisodeChange::Restarted);
    assert_eq!(
        truth(&last(&history)),
        (AlertStatus::Resolved, at(10), Some(at(90)))
    );
}

#[test]
fn an_end_that_is_given_as_start_too_clears_and_begins_nothing() {
    // Seen: a sender posts the end alone; Alertmanager then gives it as start as well.
    let history = [
        firing(NAME, 10),
        cleared(NAME, 10, 90),
        cleared(NAME, 100, 100),
    ];
    assert_eq!(changes(&history)[2], EpisodeChange::EndMovedLater);
    assert_eq!(
        truth(&last(&history)),
        (AlertStatus::Resolved, at(10), Some(at(100)))
    );
    let in_other_order = [cleared(NAME, 100, 100), cleared(NAME, 10, 90)];
    assert_eq!(
        truth(&last(&in_other_order)),
        (AlertStatus::Resolved, at(10), Some(at(100)))
    );
}

#[test]
fn an_episode_missed_entirely_is_still_written_down() {
    let history = [
        firing(NAME, 10),
        cleared(NAME, 10, 90),
        cleared(NAME, 200, 260),
    ];
    assert_eq!(changes(&history)[2], EpisodeChange::ArrivedCleared);
    assert_eq!(
        truth(&last(&history)),
        (AlertStatus::Resolved, at(200), Some(at(260)))
    );
}

#[test]
fn an_end_without_a_time_is_when_we_heard_of_it_the_first_time() {
    let endless = Alert {
        ends_at: None,
        ..cleared(NAME, 10, 10)
    };
    let history = [firing(NAME, 10), endless.clone(), endless];
    assert_eq!(
        changes(&history)[1..],
        [EpisodeChange::Cleared, EpisodeChange::Repeated]
    );
    assert_eq!(last(&history).ends_at, Some(at(1_001)));
}

#[test]
fn a_changed_explanation_or_label_is_told_apart_from_a_repeat() {
    let mut explained = firing(NAME, 10);
    explained
        .annotations
        .insert("summary".to_owned(), "100 of 100 in use".to_owned());
    let mut labelled = explained.clone();
    labelled
        .labels
        .insert("severity".to_owned(), "warning".to_owned());
    let mut moved = labelled.clone();
    moved.group_key = "{}/{team=\"data\"}:{}".to_owned();
    let history = [firing(NAME, 10), explained, labelled.clone(), moved.clone()];
    assert_eq!(
        changes(&history)[1..],
        [
            EpisodeChange::AnnotationsChanged,
            EpisodeChange::LabelsChanged,
            EpisodeChange::Repeated
        ]
    );
    let episode = last(&history);
    assert_eq!(episode.labels, labelled.labels);
    assert_eq!(episode.group, moved.group());
}

#[test]
fn only_a_new_firing_is_news_for_people() {
    use EpisodeChange::*;
    let all = [
        Opened,
        Refired,
        Reopened,
        Cleared,
        ArrivedCleared,
        Restarted,
        StartMovedEarlier,
        EndMovedLater,
        LabelsChanged,
        AnnotationsChanged,
        Repeated,
        Stale,
    ];
    let which = |question: fn(EpisodeChange) -> bool| {
        all.into_iter()
            .filter(|change| question(*change))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        which(EpisodeChange::is_new_firing),
        [Opened, Refired, Reopened]
    );
    assert_eq!(
        which(EpisodeChange::is_new_episode),
        [Opened, Refired, ArrivedCleared]
    );
    assert_eq!(which(EpisodeChange::is_quiet), [Repeated, Stale]);
}

/// Every notice of an alert that fired and cleared in turn, at times of its own; the last episode may still fire.
fn one_history() -> impl Strategy<Value = Vec<Alert>> {
    (
        prop::collection::vec((1_i64..40, 1_i64..40), 1..5),
        any::<bool>(),
    )
        .prop_map(|(episodes, still_fires)| {
            let mut notices = Vec::new();
            let mut clock = 0;
            for (pause, length) in episodes {
                let start = clock + pause;
                clock = start + length;
                notices.push(firing(NAME, start));
                notices.push(cleared(NAME, start, clock));
            }
            if still_fires {
                notices.pop();
            }
            notices
        })
}

/// The same notices in any order, some of them several times.
fn in_any_order(notices: Vec<Alert>) -> impl Strategy<Value = Vec<Alert>> {
    let repeats = prop::collection::vec(prop::sample::select(notices.clone()), 0..6);
    repeats
        .prop_map(move |again| [notices.clone(), again].concat())
        .prop_shuffle()
}

/// Notices that no sane history contains.
fn any_notices() -> impl Strategy<Value = Vec<Alert>> {
    let notice = (any::<bool>(), 0_i64..60, 0_i64..30).prop_map(|(fires, start, length)| {
        if fires {
            firing(NAME, start)
        } else {
            cleared(NAME, start, start + length)
        }
    });
    prop::collection::vec(notice, 1..12)
}

proptest! {
    #[test]
    fn one_history_in_any_order_ends_in_the_same_truth(
        (in_order, shuffled) in one_history().prop_flat_map(|history| (Just(history.clone()), in_any_order(history)))
    ) {
        prop_assert_eq!(truth(&last(&shuffled)), truth(&last(&in_order)));
    }

    #[test]
    fn whatever_is_lost_it_fires_exactly_if_it_began_after_it_last_ended(
        notices in one_history().prop_flat_map(|history| {
            let count = history.len();
            prop::sample::subsequence(history, 1..=count).prop_flat_map(in_any_order)
        })
    ) {
        let began = notices.iter().map(|notice| notice.starts_at).max();
        let ended = notices.iter().filter_map(|notice| notice.ends_at).max();
        let fires = ended.is_none() || began > ended;
        prop_assert_eq!(last(&notices).state == AlertStatus::Firing, fires);
    }

    #[test]
    fn even_impossible_notices_end_in_the_same_state_in_any_order(
        (one, other) in any_notices().prop_flat_map(|notices| (Just(notices.clone()), in_any_order(notices)))
    ) {
        let (one, other) = (last(&one), last(&other));
        prop_assert_eq!((one.state, one.ends_at), (other.state, other.ends_at));
    }

    #[test]
    fn an_episode_never_contradicts_itself(notices in any_notices()) {
        for merge in hear(&notices) {
            let episode = merge.episode;
            prop_assert_eq!(episode.state == AlertStatus::Firing, episode.ends_at.is_none());
            prop_assert!(episode.ends_at.is_none_or(|end| episode.starts_at <= end));
            prop_assert!(episode.first_seen_at <= episode.last_seen_at);
        }
    }

    #[test]
    fn an_episode_is_new_exactly_if_it_began_after_the_one_before_it_ended(notices in any_notices()) {
        // The store tells a new row from a new state of the newest one by this rule.
        let merges = hear(&notices);
        for pair in merges.windows(2) {
            let ended_before = pair[0].episode.ends_at.is_some_and(|end| end < pair[1].episode.starts_at);
            prop_assert_eq!(pair[1].change.is_new_episode(), ended_before);
        }
    }

    #[test]
    fn hearing_a_notice_twice_is_hearing_it_once(notices in any_notices()) {
        let once = last(&notices);
        let notice = notices.last().expect("there is at least one notice");
        let twice = merge(Some(&once), notice, at(1_200));
        prop_assert!(twice.change.is_quiet(), "{:?}", twice.change);
        prop_assert!(once.is_repeated_by(&twice.episode));
        prop_assert_eq!(twice.episode, Episode { last_seen_at: at(1_200), ..once });
    }
}
