//! What is typed at night, with and without a secret in it. The secrets are put together here, so that none stands in
//! this file as a whole.

use proptest::prelude::*;

use super::*;

/// The sort of each secret in a text.
fn sorts(text: &str) -> Vec<&'static str> {
    find(text).map(|found| found.name).collect()
}

/// Characters that look random, always the same.
fn random(length: usize) -> String {
    let alphabet = b"k7QzR2mXvB9tLpW4sYcJ8nHdF3gKa6eTuN5rVbMxDqPwZhS1yGjC";
    (0..length)
        .map(|index| char::from(alphabet[(index * 17 + index / 5) % alphabet.len()]))
        .collect()
}

#[test]
fn what_services_hand_out_is_known_by_its_shape() {
    let hex = "0123456789abcdef".repeat(4);
    let upper = "Q7ZR2MXVB9TLPW4S";
    for (sort, secret) in [
        ("AWS key", format!("AKIA{upper}")),
        ("AWS key", format!("ASIA{upper}")),
        ("Google key", format!("AIza{}", random(35))),
        ("GitHub token", format!("ghp_{}", random(36))),
        ("GitHub token", format!("github_pat_{}", random(40))),
        ("GitLab token", format!("glpat-{}", random(20))),
        ("Slack token", format!("xoxb-123456789012-{}", random(24))),
        (
            "webhook address",
            format!("https://hooks.slack.com/services/T000/B000/{}", random(24)),
        ),
        (
            "webhook address",
            format!("https://discord.com/api/webhooks/1234/{}", random(60)),
        ),
        (
            "Discord token",
            format!("M{}.{}.{}", random(23), random(6), random(38)),
        ),
        ("OpenAI or Anthropic key", format!("sk-proj-{}", random(40))),
        ("Stripe key", format!("sk_live_{}", random(24))),
        ("package registry token", format!("npm_{}", random(36))),
        ("service key", format!("dop_v1_{hex}")),
        ("service key", format!("hvs.{}", random(30))),
        (
            "JSON web token",
            format!("eyJ{}.eyJ{}.{}", random(20), random(30), random(40)),
        ),
    ] {
        let sentence = format!("ada pasted {secret} into the log");
        assert_eq!(sorts(&sentence), [sort], "{sort}");
        let found = find(&sentence).next().expect("it was found");
        assert_eq!(found.text, secret, "all of it, and nothing else: {sort}");
    }
}

#[test]
fn what_people_write_next_to_a_secret_gives_it_away() {
    for (sort, sentence, secret) in [
        (
            "password in an address",
            "the replica is postgres://orders:hunter22@db-3:5432/orders now",
            "hunter22",
        ),
        (
            "password in an address",
            "redis://:s3cr3tpw@cache:6379",
            "s3cr3tpw",
        ),
        ("password", "DB_PASSWORD=correct-horse", "correct-horse"),
        ("password", "\"api_key\": \"abcdef123456\"", "abcdef123456"),
        ("password", "the password is Tr0ub4dor&3", "Tr0ub4dor&3"),
        (
            "authorization header",
            "curl -H 'Authorization: Bearer abcdefgh.ijklmnop.1234'",
            "abcdefgh.ijklmnop.1234",
        ),
        (
            "password on a command line",
            "ran mysql --password hunter2222",
            "hunter2222",
        ),
    ] {
        let found = find(sentence)
            .next()
            .unwrap_or_else(|| panic!("{sentence}"));
        assert_eq!((found.name, found.text), (sort, secret), "{sentence}");
    }
    let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc=\n-----END RSA PRIVATE KEY-----";
    assert_eq!(sorts(&format!("found {key} in the log")), ["private key"]);
    assert_eq!(
        sorts(&format!("env says {}", random(40))),
        ["random characters"]
    );
}

#[test]
fn what_people_say_at_night_is_no_secret() {
    for sentence in [
        "5xx 38 % at 03:03, p99 4200 ms, queue depth 18234",
        "the token is expired, rotating the api key now",
        "password reset mails are late; users cannot log in",
        "password: <redacted>",
        "password = changeme in the example",
        "rolled back orders-api to 2026.11.20-4f9c2d1e8b7a6053",
        "commit 4f9c2d1e8b7a60534f9c2d1e8b7a60534f9c2d1e reverted",
        "https://grafana.example.com/d/aB3dE5fG7hI9jK1lM2nO3pQ4/orders?from=now-1h",
        "see /var/lib/postgresql/15/main/pg_wal/000000010000000A000000FE",
        "trace id 7b5c2f1e-9a40-4d6e-8f3b-2c1d0e9f8a7b",
        "kubectl -n orders rollout restart deployment/orders-api-canary-european-west",
        "ticket OPS-1234, thread https://discord.com/channels/1/2/3",
        "http://orders-api:8080/health answers again",
    ] {
        assert_eq!(sorts(sentence), [] as [&str; 0], "{sentence}");
    }
}

#[test]
fn what_is_masked_says_the_rest() {
    assert_eq!(
        SecretRules::default()
            .masked("DB_PASSWORD=correct-horse is in the log, and redis://:s3cr3tpw@cache too"),
        "DB_PASSWORD=[secret] is in the log, and redis://:[secret]@cache too"
    );
    assert_eq!(
        SecretRules::default().masked("nothing here"),
        "nothing here"
    );
}

#[test]
fn a_find_is_never_printed() {
    let sentence = format!("AKIA{}", "Q7ZR2MXVB9TLPW4S");
    let found = find(&sentence).next().expect("it was found");
    assert!(!format!("{found:?}").contains("Q7ZR2"), "{found:?}");
}

proptest! {
    #[test]
    fn any_text_is_looked_at_without_harm(text in "\\PC{0,400}") {
        for found in find(&text) {
            prop_assert_eq!(&text[found.place.clone()], found.text);
        }
    }

    #[test]
    fn a_key_is_found_wherever_it_stands(before in "[a-z ]{0,40} ", after in " [a-z ]{0,40}") {
        let key = format!("AKIA{}", "Q7ZR2MXVB9TLPW4S");
        let text = format!("{before}{key}{after}");
        prop_assert!(find(&text).any(|found| found.text == key));
    }
}
