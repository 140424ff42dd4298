//! What people write about people, and what only looks like it.

use proptest::prelude::*;

use super::*;

fn sorts(text: &str) -> Vec<(&'static str, &str)> {
    find(text)
        .into_iter()
        .map(|(name, place)| (name, &text[place]))
        .collect()
}

#[test]
fn how_to_reach_somebody_is_found_whole() {
    for (sort, sentence, data) in [
        (
            "e-mail address",
            "mail from bob.miller+shop@mail.shop.co.uk, angry",
            "bob.miller+shop@mail.shop.co.uk",
        ),
        (
            "e-mail address",
            "customer Ada@Firma.de: cannot log in",
            "Ada@Firma.de",
        ),
        ("e-mail address", "(bob@shop.com)", "bob@shop.com"),
        (
            "phone number",
            "rang Bob at 0171-5550123 about it",
            "0171-5550123",
        ),
        ("phone number", "call +49 171 5550123.", "+49 171 5550123"),
        (
            "phone number",
            "vendor: +44 (0)20 7946 0958",
            "+44 (0)20 7946 0958",
        ),
        (
            "phone number",
            "+491715550123 is on call there",
            "+491715550123",
        ),
        ("phone number", "(030) 1234567", "(030) 1234567"),
        ("phone number", "030 / 1234567", "030 / 1234567"),
        ("phone number", "020 7946 0958 or", "020 7946 0958"),
        (
            "phone number",
            "their bridge is (415) 555-2671",
            "(415) 555-2671",
        ),
        (
            "phone number",
            "their bridge is 415-555-2671",
            "415-555-2671",
        ),
        (
            "card number",
            "refund to 4111 1111 1111 1111 failed",
            "4111 1111 1111 1111",
        ),
        (
            "card number",
            "card 5500005555555559 twice",
            "5500005555555559",
        ),
        ("card number", "amex 3782 822463 10005", "3782 822463 10005"),
    ] {
        assert_eq!(sorts(sentence), [(sort, data)], "{sentence}");
    }
}

/// Lines as they stand in real timelines and logs.
const ORDINARY: &[&str] = &[
    "5xx 38 % at 03:03, p99 4200 ms, queue depth 18234, 0 of 12 pods ready",
    "connections 100/100 on port 5432, pid 18234, fd 1024",
    "rolled back orders-api to 2026.11.20-4f9c2d1e8b7a6053",
    "INC-0142 0143 0144 are the same outage",
    "between 0302-0315 nothing was noted",
    "2026-11-21 02:47:13.123456+00:00 first 500s",
    "+02:00 is the zone, 02:30+02:00 the hour",
    "lag grew by +1234567890 and then +12345678 rows",
    "queue +1200 300 since 03:10",
    "the table grew by +12 345 678 901 rows",
    "disk 107374182400 bytes of 214748364800 bytes",
    "epoch 1795226460, 1795226460123 ms, 1795226460123456 us, 1795226460123456789 ns",
    "snowflake 1000000000000000001, channel 112233445566778899",
    "trace id 7b5c2f1e-9a40-4d6e-8f3b-2c1d0e9f8a7b",
    "commit 4f9c2d1e8b7a60534f9c2d1e8b7a60534f9c2d1e reverted",
    "offset 4503599627370496 in partition 12",
    "ssh root@bastion.shop.com, then deploy@db-3.internal",
    "git clone git@github.com:shop/orders.git",
    "pulled orders@sha256:4f9c2d1e8b7a6053 and react@18.2.0",
    "https://grafana@grafana.shop.com/d/aB3?from=1795226460123&to=1795226470123",
    "mail to bob@example.com bounces in the test",
    "chmod 0644, umask 0022, errno 0110",
    "latencies 200 300 4000 ms, 415 555 2671 requests",
    "order 0042-17, batch 0150.20, version 01.02.03",
    "http://10.2.0.17:8080/health answers, build 1.2.3.4",
    "RFC 6749, CVE-2026-12345, OPS-1234, ticket #0171555012",
    "01 02 03 04 05 06 07 08 of 24 shards are green",
    "restarted 0100 0200 0300 0400 one by one",
    "7000000000 rows, 4111111111111112 is no card",
    "heap 0x7f3a5c2b1d00, 0171 of 5550 done",
];

#[test]
fn what_people_write_at_night_is_no_personal_data() {
    for line in ORDINARY {
        assert_eq!(sorts(line), [], "{line}");
    }
}

#[test]
fn an_address_of_a_machine_is_found_and_neither_a_time_nor_this_machine() {
    let found = |text: &'static str| -> Vec<&str> {
        find_addresses(text)
            .into_iter()
            .map(|(_, place)| &text[place])
            .collect()
    };
    assert_eq!(found("10.2.0.17 is slow."), ["10.2.0.17"]);
    assert_eq!(found("from 2001:db8::7, again"), ["2001:db8::7"]);
    for line in [
        "at 03:02:10, 02:30+02:00",
        "127.0.0.1 and ::1 and 0.0.0.0",
        "v10.2.0.17 or 999.1.1.1",
        "1.2.3.4.5",
        "crate::alert::mod",
    ] {
        assert_eq!(found(line), [] as [&str; 0], "{line}");
    }
}

proptest! {
    /// Numbers as systems print them: with a unit, a sign, a colon, a dot.
    #[test]
    fn counts_ports_ids_and_times_raise_no_alarm(
        count in 0_u64..10_000_000_000,
        port in 1_u16..=u16::MAX,
        id in 100_000_000_000_000_000_u64..2_000_000_000_000_000_000,
        hour in 0_u8..24,
        minute in 0_u8..60,
    ) {
        for line in [
            format!("count {count}, took {count} ms"),
            format!("db-3:{port} refused, {port} open"),
            format!("message {id} in <#{id}>"),
            format!("at {hour:02}:{minute:02}, {hour:02}{minute:02}Z, -{minute}m"),
            format!("{hour:02}.{minute:02}.2026, 2026-{hour:02}-{minute:02}"),
            format!("T-{port}, INC-{port:04}, {count}/{port}"),
        ] {
            prop_assert!(find(&line).is_empty(), "{line}: {:?}", sorts(&line));
        }
    }

    #[test]
    fn any_text_is_looked_at_without_harm(text in "\\PC{0,300}") {
        for (_, place) in find(&text).into_iter().chain(find_addresses(&text)) {
            prop_assert!(text.get(place).is_some());
        }
    }

    #[test]
    fn a_card_with_one_digit_mistyped_is_none(digit in 0_usize..15, by in 1_u8..10) {
        let mut typed: Vec<u8> = b"4111111111111111".to_vec();
        typed[digit] = b'0' + (typed[digit] - b'0' + by) % 10;
        let typed = String::from_utf8(typed).expect("digits");
        prop_assert!(!passes_luhn(&typed));
    }
}
