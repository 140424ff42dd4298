//! No text, however broken or hostile, makes reading a runbook panic.

use proptest::prelude::*;

use super::parse_tests::with_steps;
use super::{FindingSeverity, MAXIMUM_FILE_BYTES, Parsed, parse};

/// A file of at most 64 KiB that consists of one piece after a sound beginning.
fn full_of(beginning: &str, piece: &str) -> String {
    let count = (MAXIMUM_FILE_BYTES - beginning.len()) / piece.len();
    format!("{beginning}{}", piece.repeat(count))
}

/// A file is refused exactly when an error says why.
fn assert_refused_with_reason(parsed: &Parsed) {
    let has_errors = parsed
        .findings
        .iter()
        .any(|finding| finding.severity == FindingSeverity::Error);
    assert_eq!(
        parsed.runbook.is_none(),
        has_errors,
        "{} findings",
        parsed.findings.len()
    );
}

#[test]
fn a_hostile_file_neither_overflows_the_stack_nor_takes_long() {
    let beginnings = ["", "---\n", "---\nmatch: ", &with_steps("")];
    let pieces = [
        "[",
        "{a: ",
        "- ",
        "> ",
        "- [ ] a\n",
        "* [ ] **a:**\n",
        "<!--",
        "<!-- id:a -->",
        "**",
        "${",
        "`",
        "[a](",
        "&a [*a, ",
        "a:\n ",
        "![",
        "_a",
        "| ",
        "#",
    ];
    for beginning in beginnings {
        for piece in pieces {
            assert_refused_with_reason(&parse(&full_of(beginning, piece)));
        }
    }
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("---\n".to_owned()),
        Just("id: abc\ntitle: T\ncategory: ai\n".to_owned()),
        Just("match: [['a=\"b\"']]\n".to_owned()),
        Just("# T\n\nMeaning.\n\n".to_owned()),
        Just("## Diagnosis\n".to_owned()),
        Just("## Validation\n\n".to_owned()),
        Just("- [ ] **Backend Engineer:** ".to_owned()),
        Just("  - [ ] Decision: ".to_owned()),
        Just("<!-- id:x time:2m ".to_owned()),
        Just("-->\n".to_owned()),
        Just("```sh\n".to_owned()),
        Just("  > [!WARNING]\n".to_owned()),
        Just("\t1) ".to_owned()),
        Just("**".to_owned()),
        Just("${é".to_owned()),
        Just("\r\n".to_owned()),
        "\\PC{0,12}\n?",
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in pieces()) {
        let parsed = parse(&text);
        assert_refused_with_reason(&parsed);
        let lines = text.lines().count().max(1) + 1;
        for finding in &parsed.findings {
            prop_assert!((1..=lines).contains(&finding.line) && finding.column >= 1, "{finding}");
        }
    }

    #[test]
    fn no_text_after_a_sound_beginning_makes_the_parser_panic(text in pieces()) {
        parse(&with_steps(&text));
    }
}
