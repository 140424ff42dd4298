//! What people are told before they take a newer version.

use super::merge_tests::{pinned, runbook, ticked};

fn before() -> super::Checklist {
    let checklist = pinned(&runbook(
        "database",
        "## Diagnosis\n- [ ] Look at the log <!-- id:log -->\n- [ ] Count connections <!-- id:count -->\n\
         - [ ] Ask the team <!-- id:ask -->\n## Mitigation\n- [ ] Fail over <!-- id:failover -->\n\
         ## Validation\n- [ ] Check it <!-- id:check critical:yes -->\n",
    ));
    ticked(checklist, &["log", "count", "ask"])
}

#[test]
fn the_difference_is_told_step_by_step() {
    let newer = pinned(&runbook(
        "database",
        "## Diagnosis\n- [ ] Look at the log of the primary <!-- id:log -->\n- [ ] Count connections <!-- id:count time:2m -->\n\
         - [ ] Ask who deployed <!-- id:deployed critical:yes -->\n\
         ## Mitigation\n- [ ] Fail over <!-- id:failover risk:high -->\n  ```sh\n  failover now\n  ```\n\
         ## Validation\n- [ ] Check it <!-- id:check critical:yes -->\n",
    ));
    insta::assert_snapshot!(before().difference(&newer).words(), @"
    Steps: 1 added, 1 removed, 3 changed; 1 tick stays.
    ➕ Diagnosis: Ask who deployed (critical)
    ➖ Diagnosis: Ask the team – was ticked; the timeline keeps it
    ✏ Diagnosis: Look at the log of the primary – words; **open again**
    ✏ Diagnosis: Count connections – time
    ✏ Mitigation: Fail over – instructions, risk
    ");
}

#[test]
fn nothing_that_people_see_is_said_to_be_nothing() {
    let difference = before().difference(&before());
    assert!(difference.is_empty());
    insta::assert_snapshot!(difference.words(), @"No step changes.");
}

#[test]
fn what_is_told_is_what_happens() {
    let newer = pinned(&runbook(
        "database",
        "## Diagnosis\n- [ ] Look again at the log <!-- id:log -->\n- [ ] Count connections <!-- id:count -->\n",
    ));
    let difference = before().difference(&newer);
    let mut after = before();
    after.renew(&newer);
    assert_eq!(after.states.len(), difference.kept);
    assert_eq!(after.steps.len(), newer.steps.len());
    assert_eq!(difference.removed.len(), 3);
}

#[test]
fn a_long_difference_is_cut_between_steps_and_says_how_much_is_left_out() {
    let long: String = (0..15)
        .map(|number| format!("- [ ] Look at {} <!-- id:s{number} -->\n", "x".repeat(250)))
        .collect();
    let newer = pinned(&runbook(
        "database",
        &format!(
            "## Diagnosis\n{long}## Learning\n{}",
            long.replace("id:s", "id:t")
        ),
    ));
    let words = before().difference(&newer).words();
    assert!(words.chars().count() <= 1_500, "{}", words.chars().count());
    assert!(words.contains("… and "), "{words}");
}
