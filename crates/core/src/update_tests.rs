//! What stakeholders read, word by word.

use insta::assert_snapshot;

use crate::card::DataLoss;
use crate::incident::tests::seed_night::the_night_at;
use crate::incident::tests::{MO, Night, SAM, at, readable};
use crate::incident::{Command, HypothesisState, ImpactAnswer, MilestoneName, UpdateKind};
use crate::phase::Phase::{
    self, Cancelled, Closed, Diagnosis, Fix, Learning, Mitigation, Open, Validation,
};
use crate::role::Role;
use crate::severity::Severity::{Sev1, Sev2};
use crate::update::{
    MAX_DRAFT_CHARACTERS, PublicStatus, all_clear, draft, holding_note, nothing_new, public_status,
    usual_promise, with_promise,
};

fn draft_of(night: &Night) -> String {
    let due = usual_promise(night.incident(), night.now, &night.policy);
    readable(&with_promise(
        &draft(night.incident(), &night.entries()),
        due,
    ))
}

#[test]
fn the_draft_at_a_quarter_past_three() {
    assert_snapshot!(draft_of(&the_night_at("03:17")), @"
    **🟥 SEV1 – orders-api 5xx and stalled AI queue – mitigating** (update 2)
    **Impact:** Many users cannot order; AI features do not run. Since about 02:55.
    **What we know:** We believe: AI workers hold DB connections since the 02:41 release – not confirmed.
    **What we are doing:** 03:12 AI features off, cached data on.
    **Estimate:** 15–30 minutes from 03:15 – if the rollback helps (likely).
    **Next update by 03:37.** Questions? Ask here.
    ");
}

#[test]
fn the_next_draft_tells_what_was_done_since() {
    assert_snapshot!(draft_of(&the_night_at("03:36")), @"
    **🟥 SEV1 – orders-api 5xx and stalled AI queue – mitigating** (update 3)
    **Impact:** Many users cannot order; AI features do not run. Since 02:53.
    **What we know:** We believe: AI workers hold DB connections since the 02:41 release – not confirmed.
    **What we are doing:** 03:20 roll back 02:41, it correlates | and is reversible. 03:22 rollback to 2026.11.2 done.
    **Estimate:** 15–30 minutes from 03:15 – if the rollback helps (likely).
    **Next update by 03:56.** Questions? Ask here.
    ");
}

#[test]
fn nothing_new_says_what_still_holds() {
    let night = the_night_at("03:36");
    let due = usual_promise(night.incident(), night.now, &night.policy);
    let text = nothing_new(night.incident(), &night.entries());
    assert_snapshot!(readable(&with_promise(&text, due)), @"
    **🟥 SEV1 – orders-api 5xx and stalled AI queue – mitigating: nothing new**
    **Impact:** Many users cannot order; AI features do not run. Since 02:53.
    **Still at work:** 03:20 roll back 02:41, it correlates | and is reversible. 03:22 rollback to 2026.11.2 done.
    **Next update by 03:56.** Questions? Ask here.
    ");
}

#[test]
fn where_nothing_is_known_the_draft_says_so() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    assert_snapshot!(draft_of(&night), @"
    **🟧 SEV2 – orders-api 5xx – investigating** (update 1)
    **Impact:** Not confirmed yet: nobody has said who is hurt and how. Since about 02:55.
    **What we know:** The cause is not known yet.
    **What we are doing:** We are looking for the cause.
    **Next update by 03:32.** Questions? Ask here.
    ");
}

#[test]
fn once_it_is_over_the_draft_says_so() {
    assert_snapshot!(draft_of(&the_night_at("03:50")), @"
    **🟥 SEV1 – orders-api 5xx and stalled AI queue – monitoring** (update 4)
    **Impact:** Until 03:47: “Many users cannot order; AI features do not run.” It began at 02:53 and is over as far as we know.
    **What we know:** We believe: AI workers hold DB connections since the 02:41 release – not confirmed.
    **What we are doing:** 03:41 retry AI tasks in batches of 50 with backoff.
    **Estimate:** 15–30 minutes from 03:15 – if the rollback helps (likely).
    **Next update by 04:20.** Questions? Ask here.
    ");
}

#[test]
fn the_first_note_claims_nothing() {
    let note = |night: &Night| readable(&holding_note(night.incident(), at("03:22")));
    let taken = the_night_at("03:03");
    assert_snapshot!(note(&taken), @"**🟥 INC-0001 opened at 03:02 – severity SEV1 (automatic).** Monitoring reports: OrdersApi5xx, DatabaseConnections. The on-call engineer has it. Impact on users is not confirmed yet. A person will update by 03:22. *(Automatic message.)*");
    let called = the_night_at("03:02");
    assert!(note(&called).contains("On-call has been paged."));
    let nobody = Night::alert_fires("orders-api 5xx", Sev1);
    assert!(note(&nobody).contains("Nobody is on call by the rota"));
    let mut by_hand = Night::at("03:02");
    by_hand.by(SAM).declares("checkout is slow", Sev1);
    assert_snapshot!(note(&by_hand), @"**🟥 INC-0001 opened at 03:02 – severity SEV1.** Reported by a person: checkout is slow. The on-call engineer has it. Impact on users is not confirmed yet. A person will update by 03:22. *(Automatic message.)*");
    for text in [note(&taken), note(&called), note(&nobody), note(&by_hand)] {
        for claim in ["because", "caused by", "all users", "outage", "minutes"] {
            assert!(!text.contains(claim), "{claim}: {text}");
        }
        assert!(text.contains("Impact on users is not confirmed yet."));
        assert!(text.contains("A person will update by 03:22."));
        assert!(text.ends_with("*(Automatic message.)*"));
    }
}

#[test]
fn a_raised_severity_is_no_automatic_one() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).rates(Sev1);
    let note = holding_note(night.incident(), at("03:22"));
    assert!(note.contains("severity SEV1.**"), "{note}");
}

/// Acceptance scenario 17, what is proposed to be said.
///
/// The all-clear draft states data loss "unknown" until a human chooses.
#[test]
fn all_clear_guard() {
    let night = the_night_at("04:07");
    let text = |loss| readable(&all_clear(night.incident(), loss));
    assert_snapshot!(text(DataLoss::Unknown), @"**✅ Resolved – orders-api 5xx and stalled AI queue.** Resolved at 04:07; the fix has been in place since 03:49. Users were hurt from 02:53 to 03:47 (“Many users cannot order; AI features do not run”). Whether data was lost is not known yet; we will say. We are still establishing the cause. A review follows.");
    assert!(text(DataLoss::default()).contains("not known yet"));
    assert!(text(DataLoss::No).contains("Nothing was lost."));
    assert!(text(DataLoss::Yes).contains("Some data was lost"));
}

#[test]
fn the_all_clear_names_every_stretch_and_a_cause_only_when_confirmed() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    night.by(SAM).thinks("the 02:41 release");
    night
        .at_clock("03:10")
        .by(SAM)
        .moves_to_saying(Fix, ImpactAnswer::OverNow);
    night
        .at_clock("03:20")
        .by(SAM)
        .moves_to_saying(Mitigation, ImpactAnswer::Back);
    night
        .at_clock("03:30")
        .by(SAM)
        .moves_to_saying(Fix, ImpactAnswer::OverNow);
    night.at_clock("03:40").by(SAM).resolves_anyway();
    let text = readable(&all_clear(night.incident(), DataLoss::Unknown));
    assert!(
        text.contains(
            "Users may have been hurt from about 02:55 to 03:10 and from 03:20 to 03:30."
        ),
        "{text}"
    );
    assert!(
        text.contains("We are still establishing the cause."),
        "{text}"
    );
    assert!(!text.contains("02:41"), "a guess is no cause: {text}");
    night.incident_mut().hypotheses[0].state = HypothesisState::Confirmed;
    let text = all_clear(night.incident(), DataLoss::Unknown);
    assert!(text.contains("Cause: the 02:41 release."), "{text}");
}

#[test]
fn what_came_back_is_said_first_until_a_person_has_said_it() {
    let mut night = the_night_at("04:10");
    night.at_clock("04:37").by(SAM).reopens();
    let text = draft_of(&night);
    assert_eq!(
        text.lines().nth(1),
        Some("We said this was resolved at 04:07. It has returned.")
    );
    night.by(MO).sends(&text);
    night.after_minutes(5);
    assert!(!draft_of(&night).contains("It has returned"));
}

#[test]
fn a_draft_fits_and_keeps_its_promise_however_long_the_words() {
    let mut night = Night::at("03:02");
    night.by(SAM).declares(&"long title ".repeat(20), Sev1);
    night
        .by(SAM)
        .describes_impact(&"nobody can do anything ".repeat(20));
    night.by(SAM).thinks(&"it is this or that ".repeat(20));
    night.by(SAM).asks(Command::GiveEstimate {
        low_minutes: 5,
        high_minutes: 600,
        basis: "hope ".repeat(60),
        confidence: crate::incident::Confidence::Guess,
    });
    for _ in 0..4 {
        night
            .after_seconds(20)
            .by(SAM)
            .writes(&format!("act: {}", "turn it off and on ".repeat(60)));
    }
    let due = usual_promise(night.incident(), night.now, &night.policy);
    let text = with_promise(&draft(night.incident(), &night.entries()), due);
    let length = text.chars().count();
    assert!(length <= MAX_DRAFT_CHARACTERS, "{length}");
    assert!(
        length > MAX_DRAFT_CHARACTERS - 200,
        "the room is used: {length}"
    );
    for part in [
        "**Impact:** nobody",
        "Since about <t:",
        "**What we know:** We believe: it is",
        " – not confirmed.",
        "**What we are doing:** <t:",
        "**Estimate:** 5–600 minutes",
        "(guess).",
        "**Next update by <t:",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert!(text.ends_with("Questions? Ask here."));
}

#[test]
fn words_of_people_stay_on_their_line() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    night
        .by(SAM)
        .describes_impact("Checkout fails\n**Next update by never.**");
    let text = draft_of(&night);
    assert_eq!(text.lines().count(), 5, "{text}");
}

#[test]
fn what_was_taken_back_is_not_told() {
    let mut night = the_night_at("03:13");
    let number = night
        .entries()
        .iter()
        .find(|entry| entry.text.contains("AI features off"))
        .and_then(|entry| entry.number)
        .expect("it was noted");
    night.retracts(SAM, number);
    assert!(!draft_of(&night).contains("AI features off"));
}

#[test]
fn the_status_for_the_outside_follows_from_the_work() {
    let incident_in = |phase: Phase| {
        let mut night = Night::alert_fires("orders-api 5xx", Sev2);
        night.by(SAM).takes_it();
        night.by(SAM).thinks("the release");
        let mut incident = night.incident().clone();
        incident.phase = phase;
        incident
    };
    let with = |phase: Phase, state: HypothesisState| {
        let mut incident = incident_in(phase);
        incident.hypotheses[0].state = state;
        public_status(&incident)
    };
    use HypothesisState::{Confirmed, Open as Guessed, Refuted, Supported};
    use PublicStatus::{Identified, Investigating, Monitoring, Resolved};
    for (phase, state, status) in [
        (Open, Guessed, Investigating),
        (Diagnosis, Guessed, Investigating),
        (Diagnosis, Confirmed, Investigating),
        (Mitigation, Guessed, Investigating),
        (Mitigation, Refuted, Investigating),
        (Mitigation, Supported, Identified),
        (Mitigation, Confirmed, Identified),
        (Fix, Guessed, Investigating),
        (Fix, Confirmed, Identified),
        (Validation, Guessed, Monitoring),
        (Learning, Guessed, Resolved),
        (Closed, Guessed, Resolved),
        (Cancelled, Guessed, Resolved),
    ] {
        assert_eq!(with(phase, state), status, "{phase}, {state:?}");
    }
}

#[test]
fn mitigated_is_watched_until_it_comes_back() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    night.by(SAM).moves_to_saying(Fix, ImpactAnswer::OverNow);
    assert_eq!(public_status(night.incident()), PublicStatus::Monitoring);
    night
        .after_minutes(5)
        .by(SAM)
        .moves_to_saying(Mitigation, ImpactAnswer::Back);
    assert_eq!(public_status(night.incident()), PublicStatus::Investigating);
    assert_eq!(
        night.incident().milestones.at(MilestoneName::Mitigated),
        None
    );
    assert!(draft_of(&night).contains("– mitigating**"));
}

#[test]
fn what_went_out_is_what_was_drafted() {
    let night = the_night_at("04:08");
    let kinds: Vec<UpdateKind> = night
        .incident()
        .updates
        .iter()
        .map(|update| update.kind)
        .collect();
    assert_eq!(
        kinds,
        [
            UpdateKind::Holding,
            UpdateKind::Update,
            UpdateKind::NothingNew,
            UpdateKind::AllClear
        ]
    );
    assert_eq!(night.incident().holder(Role::Bridge), Some(MO));
}
