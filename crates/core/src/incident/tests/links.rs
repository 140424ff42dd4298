//! Incidents that people tied to each other.

use super::{ADA, Night, SAM};
use crate::cards;
use crate::effect::Effect;
use crate::ids::IncidentId;
use crate::incident::{Command, Linked, Neighbour, Tie, Visibility, findings, told_to_linked};
use crate::phase::Phase;
use crate::severity::Severity::Sev2;

const OTHER: IncidentId = IncidentId(7);

fn other() -> Neighbour {
    Neighbour {
        id: OTHER,
        restricted: false,
        phase: Phase::Mitigation,
        part_of: None,
        closes_a_circle: false,
    }
}

fn taken() -> Night {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    night
}

fn tied(tie: Tie) -> Night {
    let mut night = taken();
    night.by(SAM).asks(Command::LinkTo {
        other: other(),
        tie,
    });
    night
}

/// What the other side is brought to agree with.
fn syncs(night: &Night) -> bool {
    night
        .last_effects()
        .iter()
        .any(|effect| matches!(effect, Effect::SyncLink { other: OTHER, .. }))
}

/// What the other side is told by the effect that the last event left behind.
fn told_by_the_last_effect(night: &Night) -> Option<Command> {
    night.last_effects().iter().find_map(|effect| match effect {
        Effect::SyncLink { other, only_phase } => {
            told_to_linked(night.incident(), *other, *only_phase)
        }
        _ => None,
    })
}

#[test]
fn a_part_says_of_what_it_is_one_and_the_whole_names_its_parts() {
    let mut part = tied(Tie::PartOf);
    assert_eq!(part.noted(), ["note: linked: part of INC-0007"]);
    assert!(syncs(&part));
    let board = cards::board(part.incident()).body;
    assert!(
        board.contains("🔗 Part of INC-0007 (Mitigation & Containment)"),
        "{board}"
    );
    part.by(SAM).asks(Command::LinkTo {
        other: other(),
        tie: Tie::PartOf,
    });
    assert!(part.happened().is_empty(), "said twice is once");

    let mut whole = taken();
    let link = Linked {
        tie: Tie::HasPart,
        phase: Some(Phase::Diagnosis),
    };
    whole.bot(Command::MirrorLink {
        other: OTHER,
        link: Some(link),
        quietly: false,
    });
    assert_eq!(whole.noted(), ["note: linked: INC-0007 is a part of it"]);
    assert!(!syncs(&whole), "what comes from there is not sent back");
    let board = cards::board(whole.incident()).body;
    assert!(
        board.contains("🔗 Parts: INC-0007 (Rapid Diagnosis)"),
        "{board}"
    );
}

#[test]
fn what_cannot_be_tied_is_refused_with_the_reason() {
    let mut night = tied(Tie::PartOf);
    let mut refused = |other: Neighbour, tie| {
        night.by(SAM).asks(Command::LinkTo { other, tie });
        night.refusal()
    };
    let another = Neighbour {
        id: IncidentId(9),
        ..other()
    };
    assert_eq!(
        refused(
            Neighbour {
                id: IncidentId(1),
                ..other()
            },
            Tie::Related
        ),
        "An incident cannot be linked to itself: name another."
    );
    assert_eq!(
        refused(other(), Tie::HasPart),
        "They are linked already: part of INC-0007. Take that back first: `/inc more what:unlink INC-0007`."
    );
    assert_eq!(
        refused(
            Neighbour {
                closes_a_circle: true,
                ..another
            },
            Tie::HasPart
        ),
        "That would be a circle: INC-0001 and INC-0009 would each be a part of the other."
    );
    assert_eq!(
        refused(another, Tie::PartOf),
        "INC-0001 is a part of INC-0007 already, and can be of one only. *Related* always works."
    );
    assert_eq!(
        refused(
            Neighbour {
                part_of: Some(OTHER),
                ..another
            },
            Tie::HasPart
        ),
        "INC-0009 is a part of INC-0007 already, and can be of one only. *Related* always works."
    );
}

#[test]
fn a_change_of_phase_brings_no_tie_back_that_the_other_side_has_just_taken_away() {
    let mut part = tied(Tie::PartOf);
    let made = told_by_the_last_effect(&part).expect("the whole is told");
    part.by(SAM).moves_to(Phase::Mitigation);
    let moved = told_by_the_last_effect(&part).expect("the whole is told how far it is");

    let mut whole = taken();
    whole.bot(moved.clone());
    assert!(whole.happened().is_empty(), "there is no tie there");

    let linked = |night: &Night| night.incident().relations.links.len();
    whole.bot(made);
    assert_eq!(linked(&whole), 1, "a person's word makes one");
    whole.bot(moved);
    let known = whole.incident().relations.links.values().next().copied();
    assert_eq!(known.and_then(|link| link.phase), Some(Phase::Mitigation));
}

#[test]
fn parts_of_which_a_restricted_whole_is_told_nothing_do_not_count_as_live() {
    let mut hidden = tied(Tie::HasPart);
    hidden.by(SAM).asks(Command::SetVisibility {
        to: Visibility::Restricted,
    });
    let found = findings(hidden.incident(), hidden.now, &hidden.policy);
    let about_parts = found.iter().find(|finding| finding.text.contains("part"));
    let told = about_parts.map(|finding| (finding.text.as_str(), finding.met));
    assert_eq!(
        told,
        Some(("No part is known to be live; look yourself: INC-0007", true))
    );
}

#[test]
fn an_open_incident_is_never_tied_to_a_hidden_one() {
    let mut night = taken();
    night.by(SAM).asks(Command::LinkTo {
        other: Neighbour {
            restricted: true,
            ..other()
        },
        tie: Tie::Related,
    });
    assert!(night.was_refused());
    assert!(night.incident().relations.links.is_empty());
}

#[test]
fn what_is_hidden_keeps_its_tie_and_the_other_side_forgets_it_quietly() {
    let mut hidden = tied(Tie::HasPart);
    hidden.by(SAM).asks(Command::SetVisibility {
        to: Visibility::Restricted,
    });
    assert!(syncs(&hidden));
    let link = hidden.incident().relations.links[&OTHER];
    assert_eq!((link.tie, link.phase), (Tie::HasPart, None));

    let mut other_side = tied(Tie::PartOf);
    other_side.bot(Command::MirrorLink {
        other: OTHER,
        link: None,
        quietly: true,
    });
    assert!(other_side.noted().is_empty(), "{:?}", other_side.noted());
    assert!(other_side.said().is_empty());
    assert!(other_side.incident().relations.links.is_empty());
}

#[test]
fn whoever_resolves_the_whole_is_told_which_parts_are_not_over() {
    let mut whole = tied(Tie::HasPart);
    let told = |night: &Night| {
        let findings = findings(night.incident(), night.now, &night.policy);
        findings
            .into_iter()
            .find(|finding| finding.text.contains("part"))
            .map(|finding| (finding.text, finding.met))
    };
    assert_eq!(
        told(&whole),
        Some(("1 part is not over: INC-0007".to_owned(), false))
    );
    whole.by(SAM).resolves();
    assert!(whole.was_refused(), "it asks");
    whole.bot(Command::HearOfLinked {
        other: OTHER,
        phase: Phase::Learning,
    });
    assert_eq!(
        told(&whole),
        Some(("All of its parts are over".to_owned(), true))
    );
    whole.by(SAM).resolves_anyway();
    assert_eq!(whole.phase(), Phase::Learning, "it never forbids");
    assert!(syncs(&whole), "the others learn how far it is");
    assert_eq!(told(&tied(Tie::Related)), None);
}

#[test]
fn a_tie_is_taken_back_by_its_author_for_a_minute_and_by_anybody_later() {
    let mut night = tied(Tie::PartOf);
    night.by(SAM).undoes();
    assert!(night.incident().relations.links.is_empty());
    assert!(syncs(&night), "on the other side too");
    assert!(
        night
            .noted()
            .contains(&"note: no longer linked to INC-0007".to_owned())
    );

    let mut night = tied(Tie::PartOf);
    night
        .after_minutes(30)
        .by(ADA)
        .asks(Command::Unlink { other: OTHER });
    assert_eq!(night.noted(), ["note: no longer linked to INC-0007"]);
    night.by(ADA).undoes();
    assert_eq!(night.incident().relations.part_of(), Some(OTHER));
    night.by(ADA).asks(Command::Unlink {
        other: IncidentId(9),
    });
    assert_eq!(night.refusal(), "INC-0001 and INC-0009 are not linked.");
}

#[test]
fn taking_back_something_else_leaves_the_ties_alone() {
    let mut night = taken();
    night.by(SAM).moves_to(Phase::Mitigation);
    night.bot(Command::MirrorLink {
        other: OTHER,
        link: Some(Linked {
            tie: Tie::Related,
            phase: None,
        }),
        quietly: false,
    });
    night.by(SAM).undoes();
    assert_eq!(night.phase(), Phase::Diagnosis);
    assert!(night.incident().relations.links.contains_key(&OTHER));
}

#[test]
fn news_of_an_untied_incident_changes_nothing() {
    let mut night = taken();
    night.bot(Command::HearOfLinked {
        other: OTHER,
        phase: Phase::Fix,
    });
    assert!(night.happened().is_empty());
}
