//! What the bot concludes from Discord's rate-limit headers.

use super::super::super::pace;
use super::*;

const SEND: RouteName = RouteName {
    method: "POST",
    template: "/channels/{channel}/messages",
    sub_limit: None,
};
const EDIT_TOPIC: RouteName = RouteName {
    method: "PATCH",
    template: "/channels/{channel}",
    sub_limit: Some("name or topic"),
};
const EDIT_OTHER: RouteName = RouteName {
    method: "PATCH",
    template: "/channels/{channel}",
    sub_limit: None,
};
const CHANNEL: Option<u64> = Some(700);

fn five_per_five_seconds(remaining: u32, reset_after_ms: u64, stamp_ms: u64) -> LimitHeaders {
    LimitHeaders {
        bucket: Some("80c17d2f".to_owned()),
        limit: 5,
        remaining,
        reset_after: Duration::from_millis(reset_after_ms),
        reset_stamp_ms: Some(stamp_ms),
    }
}

fn leaves(buckets: &mut Buckets, route: RouteName, now: Instant) -> BucketKey {
    let key = buckets.key(route, CHANNEL);
    assert_eq!(buckets.room(&key, now), Room::Free);
    buckets.leave(&key, now);
    key
}

fn answered(buckets: &mut Buckets, key: &BucketKey, headers: &LimitHeaders, now: Instant) {
    let answer = Answer {
        route: SEND,
        headers: Some(headers),
        blocked_for: None,
        answered: true,
    };
    buckets.come_back(key, answer, now);
}

fn room(buckets: &Buckets, route: RouteName, now: Instant) -> Room {
    buckets.room(&buckets.key(route, CHANNEL), now)
}

#[test]
fn an_unknown_bucket_lets_one_call_out_at_a_time() {
    let now = pace::now();
    let mut buckets = Buckets::default();
    leaves(&mut buckets, SEND, now);
    assert_eq!(room(&buckets, SEND, now), Room::AfterReturn);
    let other_channel = buckets.key(SEND, Some(701));
    assert_eq!(buckets.room(&other_channel, now), Room::Free);
}

#[test]
fn after_the_first_answer_as_many_leave_as_remain_and_the_rest_wait_for_the_reset() {
    let now = pace::now();
    let mut buckets = Buckets::default();
    let first = leaves(&mut buckets, SEND, now);
    answered(
        &mut buckets,
        &first,
        &five_per_five_seconds(4, 5_000, 1_000),
        now,
    );
    for _ in 0..4 {
        leaves(&mut buckets, SEND, now);
    }
    let reset = now + Duration::from_secs(5);
    assert_eq!(room(&buckets, SEND, now), Room::At(reset));
}

#[test]
fn calls_still_out_count_against_the_next_window() {
    let now = pace::now();
    let mut buckets = Buckets::default();
    let first = leaves(&mut buckets, SEND, now);
    answered(
        &mut buckets,
        &first,
        &five_per_five_seconds(4, 5_000, 1_000),
        now,
    );
    for _ in 0..4 {
        leaves(&mut buckets, SEND, now);
    }
    let next_window = now + Duration::from_secs(5);
    leaves(&mut buckets, SEND, next_window);
    assert_eq!(room(&buckets, SEND, next_window), Room::AfterReturn);
}

#[test]
fn an_answer_overtaken_by_another_gives_nothing_back() {
    let now = pace::now();
    let mut buckets = Buckets::default();
    let first = leaves(&mut buckets, SEND, now);
    answered(
        &mut buckets,
        &first,
        &five_per_five_seconds(4, 5_000, 1_000),
        now,
    );
    let calls: Vec<BucketKey> = (0..4).map(|_| leaves(&mut buckets, SEND, now)).collect();
    answered(
        &mut buckets,
        &calls[3],
        &five_per_five_seconds(0, 4_900, 1_000),
        now,
    );
    answered(
        &mut buckets,
        &calls[0],
        &five_per_five_seconds(3, 4_950, 1_003),
        now,
    );
    assert!(matches!(room(&buckets, SEND, now), Room::At(_)));
}

#[test]
fn an_answer_from_a_newer_window_opens_it_before_our_own_stop_watch_does() {
    let now = pace::now();
    let mut buckets = Buckets::default();
    let first = leaves(&mut buckets, SEND, now);
    answered(
        &mut buckets,
        &first,
        &five_per_five_seconds(1, 5_000, 1_000),
        now,
    );
    let second = leaves(&mut buckets, SEND, now);
    let shortly_before = now + Duration::from_millis(4_980);
    answered(
        &mut buckets,
        &second,
        &five_per_five_seconds(4, 4_990, 6_000),
        shortly_before,
    );
    assert_eq!(room(&buckets, SEND, shortly_before), Room::Free);
}

#[test]
fn a_late_answer_from_an_old_window_is_ignored() {
    let now = pace::now();
    let mut buckets = Buckets::default();
    let first = leaves(&mut buckets, SEND, now);
    answered(
        &mut buckets,
        &first,
        &five_per_five_seconds(4, 5_000, 6_000),
        now,
    );
    let second = leaves(&mut buckets, SEND, now);
    answered(
        &mut buckets,
        &second,
        &five_per_five_seconds(0, 10, 1_000),
        now,
    );
    assert_eq!(room(&buckets, SEND, now), Room::Free);
}

#[test]
fn a_wall_clock_that_stands_still_does_not_hide_a_new_window() {
    let now = pace::now();
    let mut buckets = Buckets::default();
    let first = leaves(&mut buckets, SEND, now);
    let the_same_stamp = five_per_five_seconds(0, 5_000, 6_000);
    answered(&mut buckets, &first, &the_same_stamp, now);
    let later = now + Duration::from_secs(5);
    let second = leaves(&mut buckets, SEND, later);
    let fresh = five_per_five_seconds(4, 5_000, 6_000);
    answered(&mut buckets, &second, &fresh, later);
    assert_eq!(room(&buckets, SEND, later), Room::Free);
}

#[test]
fn after_a_429_the_bucket_rests_and_then_tries_with_one_call() {
    let now = pace::now();
    let mut buckets = Buckets::default();
    let first = leaves(&mut buckets, SEND, now);
    let refusal = Answer {
        route: SEND,
        headers: None,
        blocked_for: Some(Duration::from_millis(1_500)),
        answered: true,
    };
    buckets.come_back(&first, refusal, now);
    let free_again = now + Duration::from_millis(1_500);
    assert_eq!(room(&buckets, SEND, now), Room::At(free_again));
    leaves(&mut buckets, SEND, free_again);
    assert_eq!(room(&buckets, SEND, free_again), Room::AfterReturn);
}

#[test]
fn an_answer_without_headers_means_no_limit_but_a_lost_call_teaches_nothing() {
    let now = pace::now();
    let mut buckets = Buckets::default();
    let silent = |answered| Answer {
        route: SEND,
        headers: None,
        blocked_for: None,
        answered,
    };
    let lost = leaves(&mut buckets, SEND, now);
    buckets.come_back(&lost, silent(false), now);
    let free = leaves(&mut buckets, SEND, now);
    assert_eq!(room(&buckets, SEND, now), Room::AfterReturn);
    buckets.come_back(&free, silent(true), now);
    leaves(&mut buckets, SEND, now);
    assert_eq!(room(&buckets, SEND, now), Room::Free);
}

#[test]
fn two_routes_with_one_bucket_name_share_it() {
    let now = pace::now();
    let mut buckets = Buckets::default();
    let send = leaves(&mut buckets, SEND, now);
    let edit = leaves(&mut buckets, EDIT_OTHER, now);
    let headers = five_per_five_seconds(1, 5_000, 1_000);
    answered(&mut buckets, &send, &headers, now);
    let answer = Answer {
        route: EDIT_OTHER,
        headers: Some(&five_per_five_seconds(0, 5_000, 1_000)),
        blocked_for: None,
        answered: true,
    };
    buckets.come_back(&edit, answer, now);
    assert!(matches!(room(&buckets, SEND, now), Room::At(_)));
    assert!(matches!(room(&buckets, EDIT_OTHER, now), Room::At(_)));
}

#[test]
fn a_blocked_topic_edit_does_not_hold_up_other_edits_of_the_channel() {
    let now = pace::now();
    let mut buckets = Buckets::default();
    let topic = leaves(&mut buckets, EDIT_TOPIC, now);
    let refusal = Answer {
        route: EDIT_TOPIC,
        headers: Some(&five_per_five_seconds(3, 5_000, 1_000)),
        blocked_for: Some(Duration::from_secs(600)),
        answered: true,
    };
    buckets.come_back(&topic, refusal, now);
    assert!(matches!(room(&buckets, EDIT_TOPIC, now), Room::At(_)));
    assert_eq!(room(&buckets, EDIT_OTHER, now), Room::Free);
}

#[test]
fn buckets_of_finished_interactions_are_forgotten() {
    let now = pace::now();
    let mut buckets = Buckets::default();
    for webhook in 0..10_000 {
        let key = buckets.key(SEND, Some(webhook));
        buckets.leave(&key, now);
        answered(&mut buckets, &key, &five_per_five_seconds(4, 0, 1_000), now);
    }
    assert!(buckets.buckets.len() <= BUCKETS_KEPT + 1);
}
