use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;

const EXAMPLE: &str = include_str!("../../deploy/config.example.toml");

/// A configuration file in a folder that lives as long as this value.
struct Written {
    folder: tempfile::TempDir,
}

impl Written {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let written = Self { folder };
        written.add("bridgewatch.toml", text);
        written
    }

    fn add(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("a temporary file can be written");
        path.display().to_string()
    }

    fn load(&self, environment: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
        let path = self.folder.path().join("bridgewatch.toml");
        Config::load(Some(&path), variables(environment))
    }

    /// The errors as a person reads them, with the folder's name cut off.
    fn errors(&self, environment: &[(&str, &str)]) -> String {
        let errors = self.load(environment).expect_err("this is wrong");
        let folder = format!("{}/", self.folder.path().display());
        errors.to_string().replace(&folder, "")
    }
}

fn variables(environment: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
    environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect::<Vec<_>>()
        .into_iter()
}

fn from_environment(environment: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    Config::load(None, variables(environment))
}

fn settings(config: &Config) -> Vec<(String, String)> {
    config
        .understood
        .iter()
        .map(|setting| (setting.key.clone(), setting.value.clone()))
        .collect()
}

/// The example with every commented-out setting switched on.
fn example_with_everything() -> String {
    EXAMPLE
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.starts_with("[[") => rest,
            Some(rest)
                if rest
                    .split_once(" = ")
                    .is_some_and(|(key, _)| !key.contains(' ')) =>
            {
                rest
            }
            _ => line,
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_example_states_every_setting_and_no_other() {
    let written = Written::new(&example_with_everything());
    let path = written.folder.path().join("bridgewatch.toml");
    let mut reader = Reader::open(Some(&path), std::iter::empty());
    let in_example: BTreeSet<String> = reader.unread().into_iter().collect();
    Config::read(&mut reader);
    let in_struct: BTreeSet<String> = reader.known().iter().cloned().collect();
    assert_eq!(in_example, in_struct);
}

#[test]
fn the_example_states_the_defaults() {
    let example = Written::new(EXAMPLE)
        .load(&[])
        .expect("the example is valid");
    let nothing = from_environment(&[]).expect("no configuration is valid");
    assert_eq!(settings(&example), settings(&nothing));
}

#[test]
fn every_single_setting_can_come_from_the_environment() {
    let folder = Written::new("").folder;
    for (key, value) in settings(&from_environment(&[]).expect("no configuration is valid")) {
        let variable = environment_variable(&key);
        let value = match key.as_str() {
            "discord.guild_id"
            | "discord.responder_role"
            | "discord.commander_role"
            | "discord.admin_role" => "42".into(),
            key if key.starts_with("timeline.prefixes.") => {
                format!("x-{}", key.rsplit('.').next().unwrap_or_default())
            }
            "policy.severity.sev1" | "policy.severity.sev4" => format!("x-{key}"),
            "policy.optional_roles" => "deputy, comms".into(),
            "discord.token" => "abc".into(),
            key if key.starts_with("intake.") && value == "not set" => "abc".into(),
            "watchdog.alertname" => "Watchdog".into(),
            "pager.url" => "https://pager.example/".into(),
            "call.link" => "https://meet.example/".into(),
            "playbooks.dir" => folder.path().display().to_string(),
            "rota.file" | "drills.file" => {
                folder.path().join("bridgewatch.toml").display().to_string()
            }
            _ => value,
        };
        let config = from_environment(&[(&variable, &value)]).expect("the value is valid");
        let setting = config
            .understood
            .iter()
            .find(|setting| setting.key == key)
            .expect("the setting was read");
        assert_eq!(setting.place, Some(Place::Environment(variable)), "{key}");
    }
}

#[test]
fn the_environment_wins_over_the_file() {
    let written = Written::new("[http]\nlisten = \"127.0.0.1:1\"\nmax_body_bytes = 2048\n");
    let config = written
        .load(&[("BRIDGEWATCH__HTTP__LISTEN", "127.0.0.1:2")])
        .expect("valid");
    assert_eq!(config.http.listen.port(), 2);
    assert_eq!(config.http.max_body_bytes, 2048);
}

#[test]
fn a_secret_that_was_never_written_is_not_taken_for_one() {
    let written = Written::new("[intake]\ntoken = [\"replace-me\"]\n");
    let errors = written.load(&[]).expect_err("it is no secret").to_string();
    assert!(errors.contains(":2:"), "{errors}");
    assert!(
        errors.contains("is still what the example says"),
        "{errors}"
    );
}

#[test]
fn a_mistyped_level_does_not_silence_the_log() {
    let errors = |filter: &str| {
        let written = Written::new(&format!("[log]\nfilter = \"{filter}\"\n"));
        written.load(&[]).err().map(|errors| errors.to_string())
    };
    let mistyped = errors("inof").expect("it is no level");
    assert!(mistyped.contains("did you mean `info`?"), "{mistyped}");
    assert!(errors("info,serenity=warn,bridgewatch[{incident=1}]=trace").is_none());
    assert!(errors("WARN").is_none());
}

#[test]
fn a_role_that_cannot_be_switched_on_is_named_with_those_that_can() {
    let problems = |text: &str| {
        let written = Written::new(&format!("[policy]\noptional_roles = [{text}]\n"));
        let errors = written.load(&[]).expect_err("the list is wrong");
        errors.to_string()
    };
    let unknown = problems("\"ops\"");
    assert!(unknown.contains(":2:"), "{unknown}");
    assert!(
        unknown.contains("use deputy, comms, customer, security, ai or observer"),
        "{unknown}"
    );
    let always = problems("\"bridge\"");
    assert!(
        always.contains("Bridge Engineer is a role of every team"),
        "{always}"
    );
}

#[test]
fn all_mistakes_are_reported_at_once_with_place_and_mend() {
    let written = Written::new(
        r#"[http]
lisen = "127.0.0.1:9095"
max_body_bytes = "a lot"

[discrod]
guild_id = "12"

[policy]
storm_window = "10 minutes"
cadence_before_mitigated = "20m"

[server]
timezone = "Europe/Berln"
"#,
    );
    let errors = written.errors(&[
        ("BRIDGEWATCH__LOG__FORMATT", "json"),
        (
            "BRIDGEWATCH__DATABASE__URL",
            "postgres://user:hunter2@db/ir",
        ),
    ]);
    insta::assert_snapshot!(errors, @r#"
    the configuration has 8 errors
      1. bridgewatch.toml:2:1: http.lisen: no such setting
         mend: did you mean `http.listen`?
      2. bridgewatch.toml:3:1: http.max_body_bytes: `a lot` is not a number of bytes between 1024 and 1073741824
         mend: write a whole number of bytes; 16777216 is 16 MiB
      3. bridgewatch.toml:6:1: discrod.guild_id: no such setting
         mend: did you mean `discord.guild_id`?
      4. bridgewatch.toml:9:1: policy.storm_window: `10 minutes` is not a duration: the unit is none of s, m, h, d, w
         mend: write a whole number and a unit, largest unit first: 90s, 20m, 1h30m, 7d, 4w
      5. bridgewatch.toml:10:1: policy.cadence_before_mitigated: is a section, not a setting
         mend: write [policy.cadence_before_mitigated] on a line of its own, and its settings below
      6. bridgewatch.toml:13:1: server.timezone: `Europe/Berln` is not a time zone
         mend: did you mean Europe/Berlin?
      7. environment BRIDGEWATCH__DATABASE__URL: database.url: PostgreSQL is not in this build yet
         mend: write sqlite:<path of the file>, such as sqlite:bridgewatch.db
      8. environment BRIDGEWATCH__LOG__FORMATT: log.formatt: no such setting
         mend: did you mean BRIDGEWATCH__LOG__FORMAT?
    "#);
    assert!(!errors.contains("hunter2"));
}

#[test]
fn a_prefix_that_cannot_mark_is_named_with_its_place() {
    let written = Written::new(
        r#"[timeline.prefixes]
observation = ["beob", "act", "a b"]
action = ["beob"]
impact = 7
gossip = ["x"]
"#,
    );
    let errors = written.errors(&[("BRIDGEWATCH__TIMELINE__PREFIXES__TODO", "offen, 12")]);
    insta::assert_snapshot!(errors, @"
    the configuration has 6 errors
      1. bridgewatch.toml:2:1: timeline.prefixes.observation: `act` marks an action
         mend: give each word to one kind
      2. bridgewatch.toml:2:1: timeline.prefixes.observation: `a b` is no word
         mend: write letters, digits, - and _, such as beob or !beob; people type it with a colon behind it
      3. bridgewatch.toml:3:1: timeline.prefixes.action: `beob` marks an observation
         mend: give each word to one kind
      4. bridgewatch.toml:4:1: timeline.prefixes.impact: expected a list, found a number
         mend: write texts in quotation marks between [ and ]
      5. bridgewatch.toml:5:1: timeline.prefixes.gossip: no such setting
         mend: did you mean `timeline.prefixes.hypothesis`?
      6. environment BRIDGEWATCH__TIMELINE__PREFIXES__TODO: timeline.prefixes.todo: `12` is no word
         mend: write letters, digits, - and _, such as beob or !beob; people type it with a colon behind it
    ");
}

#[test]
fn labels_that_cannot_be_and_values_with_two_meanings_are_named_with_their_place() {
    let written = Written::new(
        r#"[policy]
correlate_by = ["service", "service=orders", "namespace+", "service"]
late_threshold = "soon"

[policy.severity]
label = "how bad"
sev1 = ["page", "critical"]
sev2 = ["Critical"]
sev4 = ["warning", ""]
otherwise = "sev5"
critical = "sev1"

[night]
from = "10 pm"
"#,
    );
    insta::assert_snapshot!(written.errors(&[]), @r#"
    the configuration has 10 errors
      1. bridgewatch.toml:2:1: policy.correlate_by: `service=orders` is not the name of a label
         mend: write the name of a label, such as service, or several that count together, such as namespace+job
      2. bridgewatch.toml:2:1: policy.correlate_by: `` is not the name of a label
         mend: write the name of a label, such as service, or several that count together, such as namespace+job
      3. bridgewatch.toml:2:1: policy.correlate_by: `service` stands there twice
         mend: name each once
      4. bridgewatch.toml:3:1: policy.late_threshold: `soon` is not a duration: it must start with a whole number
         mend: write a whole number and a unit, largest unit first: 90s, 20m, 1h30m, 7d, 4w
      5. bridgewatch.toml:6:1: policy.severity.label: `how bad` is not the name of a label
         mend: write the name alone, such as severity; without a value, blanks, = and +
      6. bridgewatch.toml:8:1: policy.severity.sev2: `critical` stands in sev1, too
         mend: give each value one meaning
      7. bridgewatch.toml:9:1: policy.severity.sev4: `warning` stands in sev3, too
         mend: write sev3 without it as well: where it is not written it has its default
      8. bridgewatch.toml:10:1: policy.severity.otherwise: `sev5` is none of sev1, sev2, sev3, sev4 and record_only
         mend: write one of them, such as "sev3"
      9. bridgewatch.toml:11:1: policy.severity.critical: no such setting
         mend: did you mean `policy.severity`?
      10. bridgewatch.toml:14:1: night.from: `10 pm` is not a time of day
         mend: write hours and minutes, such as 22:00 or 06:30
    "#);
    let named = Written::new("[policy.severity]\nsev1 = [\"critical\"]\n");
    insta::assert_snapshot!(named.errors(&[]), @"
    the configuration has 1 error
      1. bridgewatch.toml:2:1: policy.severity.sev1: `critical` stands in sev2, too
         mend: write sev2 without it as well: where it is not written it has its default
    ");
}

#[test]
fn a_pattern_for_what_is_kept_out_is_checked_at_start_with_its_place() {
    let written = Written::new(
        r#"[timeline.secrets]
ip_addresses = "maybe"
patterns = ['KD-[0-9]{2,6}', 'AB-[0-9', 'x*']
"#,
    );
    insta::assert_snapshot!(written.errors(&[]), @r#"
    the configuration has 3 errors
      1. bridgewatch.toml:2:1: timeline.secrets.ip_addresses: `maybe` is neither on nor off
         mend: write "on" or "off"
      2. bridgewatch.toml:3:1: timeline.secrets.patterns: pattern 2: this is no usable regular expression: unclosed character class
         mend: write what has to be found and nothing else, such as '\bKD-[0-9]{6}\b'; single quotation marks keep backslashes
      3. bridgewatch.toml:3:1: timeline.secrets.patterns: pattern 3: it matches an empty text, and so every line
         mend: write what has to be found and nothing else, such as '\bKD-[0-9]{6}\b'; single quotation marks keep backslashes
    "#);
    let config = Written::new("[timeline.secrets]\npatterns = ['\\bKD-[0-9]{2,6}\\b']\n")
        .load(&[("BRIDGEWATCH__TIMELINE__SECRETS__IP_ADDRESSES", "on")])
        .expect("it is valid");
    let found = |text: &str| config.timeline.secrets.first(text).map(|(_, name)| name);
    assert_eq!(
        found("customer KD-0047 waits"),
        Some("pattern of your team")
    );
    assert_eq!(found("10.2.0.17 is slow"), Some("IP address"));
}

#[test]
fn prefixes_come_from_the_file_or_the_environment() {
    let config = Written::new("[timeline.prefixes]\nobservation = [\"beob\", \"!b\"]\n")
        .load(&[("BRIDGEWATCH__TIMELINE__PREFIXES__TODO", "offen, Rest")])
        .expect("it is valid");
    let kinds = ["beob", "!B", "offen", "REST", "obs", "x"]
        .map(|word| config.timeline.prefixes.kind_of(word));
    let (seen, todo) = (Some(Kind::Observation), Some(Kind::Todo));
    assert_eq!(kinds, [seen, seen, todo, todo, seen, None]);
}

#[test]
fn broken_toml_is_shown_with_its_line_and_without_its_text() {
    let errors = Written::new("[discord]\ntoken = \"s3cret\nguild_id = 1\n").errors(&[]);
    insta::assert_snapshot!(errors, @r#"
    the configuration has 1 error
      1. bridgewatch.toml:2:16: this is not TOML: invalid basic string, expected `"`
         mend: write `key = value` below a [section]; text needs quotation marks
    "#);
    assert!(!errors.contains("s3cret"));
}

#[test]
fn a_missing_file_is_named() {
    let errors = Config::load(Some(&PathBuf::from("/nowhere/b.toml")), std::iter::empty())
        .expect_err("there is no such file");
    insta::assert_snapshot!(errors, @r#"
    the configuration has 1 error
      1. cannot read the file /nowhere/b.toml: No such file or directory (os error 2)
         mend: name an existing, readable file; deploy/config.example.toml is one to start from
    "#);
}

#[test]
fn secrets_come_from_files_and_are_never_shown() {
    let written = Written::new("");
    let discord = written.add("discord", "the-discord-token\n");
    let intake = written.add("intake", "new-token\nold-token\n");
    let webhook = written.add("webhook", "https://hooks.example/T0/canary");
    let config = written
        .load(&[
            ("BRIDGEWATCH__DISCORD__TOKEN_FILE", &discord),
            ("BRIDGEWATCH__INTAKE__TOKEN_FILE", &intake),
            ("BRIDGEWATCH__PAGER__URL", "https://pager.example/canary"),
            ("BRIDGEWATCH__STAKEHOLDERS__WEBHOOKS__0__NAME", "management"),
            ("BRIDGEWATCH__STAKEHOLDERS__WEBHOOKS__0__KIND", "slack"),
            ("BRIDGEWATCH__STAKEHOLDERS__WEBHOOKS__0__URL_FILE", &webhook),
        ])
        .expect("valid");

    let token = config.discord.token.as_ref().expect("the token is set");
    assert_eq!(token.expose_secret(), "the-discord-token");
    let tokens: Vec<&str> = config
        .intake
        .tokens
        .iter()
        .map(|t| t.expose_secret())
        .collect();
    assert_eq!(tokens, ["new-token", "old-token"]);
    let [webhook] = config.stakeholders.webhooks.as_slice() else {
        panic!("one webhook was configured");
    };
    assert_eq!(webhook.kind, WebhookKind::Slack);
    assert_eq!(
        webhook.url.expose_secret(),
        "https://hooks.example/T0/canary"
    );

    for shown in [format!("{config:?}"), config.describe()] {
        for secret in ["the-discord-token", "new-token", "old-token", "canary"] {
            assert!(!shown.contains(secret), "{secret} is shown in {shown}");
        }
    }
    assert!(config.describe().contains("discord.token"));
}

#[test]
fn a_secret_that_cannot_be_used_is_refused_without_being_shown() {
    let written = Written::new(
        "[discord]\ntoken = \"Bot canary\"\n[pager]\nurl = \"http://pager.example/canary\"\n\
         [intake]\ntoken = \"\"\n",
    );
    let empty = written.add("empty", "\n");
    let errors = written.errors(&[
        ("BRIDGEWATCH__STAKEHOLDERS__WEBHOOKS__0__NAME", "a"),
        ("BRIDGEWATCH__STAKEHOLDERS__WEBHOOKS__0__URL_FILE", &empty),
        ("BRIDGEWATCH__STAKEHOLDERS__WEBHOOKS__1__NAME", "a"),
    ]);
    insta::assert_snapshot!(errors, @r#"
    the configuration has 6 errors
      1. bridgewatch.toml:2:1: discord.token: starts with the name of a scheme
         mend: write the bare token, without `Bot ` or `Bearer `
      2. bridgewatch.toml:4:1: pager.url: neither https nor http to this machine, so the secret in it would travel unencrypted
         mend: write the whole https:// URL (http:// is allowed for this machine only)
      3. bridgewatch.toml:6:1: intake.token: is empty
         mend: write the secret, or remove the setting
      4. environment BRIDGEWATCH__STAKEHOLDERS__WEBHOOKS__0__URL_FILE: stakeholders.webhooks.0.url_file: is empty
         mend: write the secret, or remove the setting
      5. environment BRIDGEWATCH__STAKEHOLDERS__WEBHOOKS__1__NAME: stakeholders.webhooks.1.name: a second webhook called `a`
         mend: give each webhook a name of its own
      6. stakeholders.webhooks.1.url: is missing
         mend: write url = "https://.." or url_file = ".." in this webhook
    "#);
    assert!(!errors.contains("canary"));
}

#[test]
fn a_secret_given_twice_in_the_same_place_is_a_mistake() {
    let written = Written::new("[discord]\ntoken = \"abc\"\ntoken_file = \"/etc/token\"\n");
    insta::assert_snapshot!(written.errors(&[]), @r#"
    the configuration has 1 error
      1. bridgewatch.toml:3:1: discord.token_file: both discord.token and discord.token_file are set
         mend: keep one of the two
    "#);
}

#[test]
fn a_token_in_the_environment_replaces_a_token_file_in_the_file() {
    let written = Written::new("[discord]\ntoken_file = \"/nowhere\"\n");
    let config = written
        .load(&[("BRIDGEWATCH__DISCORD__TOKEN", "abc")])
        .expect("the file is not looked at");
    assert_eq!(config.discord.token.expect("set").expose_secret(), "abc");
}

#[test]
fn an_open_door_to_the_network_needs_a_token() {
    let errors = from_environment(&[("BRIDGEWATCH__HTTP__LISTEN", "0.0.0.0:9095")])
        .expect_err("nobody may post alerts without a token");
    insta::assert_snapshot!(errors, @r#"
    the configuration has 1 error
      1. environment BRIDGEWATCH__HTTP__LISTEN: http.listen: 0.0.0.0:9095 can be reached from outside this machine, and no intake.token protects it
         mend: set intake.token (or BRIDGEWATCH__INTAKE__TOKEN), or listen on 127.0.0.1
    "#);
    from_environment(&[
        ("BRIDGEWATCH__HTTP__LISTEN", "0.0.0.0:9095"),
        ("BRIDGEWATCH__INTAKE__TOKEN", "abc"),
    ])
    .expect("a token closes the door");
    from_environment(&[("BRIDGEWATCH__HTTP__LISTEN", "[::1]:9095")]).expect("loopback is no door");
}

#[test]
fn the_token_never_crosses_the_network_in_the_clear() {
    for url in [
        "http://discord.com",
        "http://10.0.0.1:80",
        "http://localhost.evil.example",
    ] {
        from_environment(&[("BRIDGEWATCH__DISCORD__API_URL", url)]).expect_err(url);
    }
    for url in [
        "http://127.0.0.1:4000",
        "http://[::1]:4000/",
        "http://localhost:1",
        "https://proxy.example",
    ] {
        let config = from_environment(&[("BRIDGEWATCH__DISCORD__API_URL", url)]).expect(url);
        assert_eq!(config.discord.api_url, url.trim_end_matches('/'));
    }
}

#[test]
fn serving_needs_a_token_and_a_server_and_says_where_to_find_them() {
    let config = from_environment(&[]).expect("valid");
    insta::assert_snapshot!(config.credentials().expect_err("both are missing"), @r#"
    the configuration has 2 errors
      1. discord.token: is not set, and the bot cannot start without it
         mend: set BRIDGEWATCH__DISCORD__TOKEN or discord.token_file; the token is on the Bot page of https://discord.com/developers/applications
      2. discord.guild_id: is not set, and the bot cannot start without it
         mend: set BRIDGEWATCH__DISCORD__GUILD_ID to the id of your server: right-click it in Discord (Developer Mode on) and choose Copy ID
    "#);
}

#[test]
fn a_long_number_is_an_id_and_everything_else_a_name() {
    let config = from_environment(&[
        ("BRIDGEWATCH__DISCORD__DIGEST_CHANNEL", "123456789012345678"),
        ("BRIDGEWATCH__DISCORD__STAKEHOLDER_CHANNEL", "#911"),
    ])
    .expect("valid");
    assert_eq!(
        config.discord.digest_channel,
        NameOrId::Id(123_456_789_012_345_678)
    );
    assert_eq!(
        config.discord.stakeholder_channel,
        NameOrId::Name("911".into())
    );
}

#[test]
fn check_prints_every_setting_with_its_origin() {
    let written = Written::new("[server]\ntimezone = \"Europe/Berlin\"\n");
    let config = written
        .load(&[("BRIDGEWATCH__DISCORD__TOKEN", "abc")])
        .expect("valid");
    let folder = format!("{}/", written.folder.path().display());
    insta::assert_snapshot!(config.describe().replace(&folder, ""), @"
    discord.token                         set                                         environment BRIDGEWATCH__DISCORD__TOKEN
    discord.guild_id                      not set
    discord.api_url                       https://discord.com                         default
    discord.incident_category             Incidents                                   default
    discord.digest_channel                incidents                                   default
    discord.front_desk                    on                                          default
    discord.stakeholder_channel           status-internal                             default
    discord.responder_role                not set
    discord.commander_role                not set
    discord.admin_role                    not set
    database.url                          sqlite:bridgewatch.db                       default
    http.listen                           127.0.0.1:9095                              default
    http.max_body_bytes                   16777216                                    default
    intake.token                          not set
    intake.alertmanager.token             not set
    intake.grafana.token                  not set
    intake.generic.token                  not set
    intake.change.token                   not set
    intake.grafana.hmac_secret            not set
    intake.grafana.signature_header       X-Grafana-Alerting-Signature                default
    intake.grafana.timestamp_header       not set
    watchdog.alertname                    not set
    watchdog.interval                     5m                                          default
    playbooks.dir                         not set
    rota.file                             not set
    drills.file                           not set
    fallback.call                         not set
    fallback.backup                       not set
    fallback.bridge_call                  not set
    fallback.mail                         not set
    server.timezone                       Europe/Berlin                               bridgewatch.toml:2:1
    pager.url                             not set
    call.kind                             voice                                       default
    call.link                             not set
    call.when_over                        delete                                      default
    timeline.capture                      marked                                      default
    timeline.prefixes.observation         not set
    timeline.prefixes.action              not set
    timeline.prefixes.decision            not set
    timeline.prefixes.hypothesis          not set
    timeline.prefixes.impact              not set
    timeline.prefixes.todo                not set
    timeline.prefixes.question            not set
    timeline.prefixes.answer              not set
    timeline.prefixes.evidence            not set
    timeline.prefixes.note                not set
    timeline.secrets.personal_data        on                                          default
    timeline.secrets.ip_addresses         off                                         default
    timeline.secrets.patterns             not set
    timeline.max_file_bytes               8388608                                     default
    timeline.max_incident_files_bytes     52428800                                    default
    night.from                            22:00                                       default
    night.until                           07:00                                       default
    night.late_start                      Start late if you can.                      default
    log.format                            text                                        default
    log.filter                            info,serenity=warn                          default
    policy.correlate_by                   incident, service, namespace+job, category  default
    policy.severity.sev1                  not set
    policy.severity.sev2                  critical                                    default
    policy.severity.sev3                  warning                                     default
    policy.severity.sev4                  not set
    policy.severity.record_only           info, none                                  default
    policy.severity.incident_label        incident_severity                           default
    policy.severity.global_label          scope                                       default
    policy.severity.global_value          global                                      default
    policy.severity.label                 severity                                    default
    policy.severity.otherwise             sev3                                        default
    policy.correlate_window               30m                                         default
    policy.storm_alertnames               3                                           default
    policy.storm_window                   10m                                         default
    policy.burst_window                   60s                                         default
    policy.new_channel_min_gap            60s                                         default
    policy.max_active_incidents           5                                           default
    policy.umbrella_absorbs               10m                                         default
    policy.board_min_interval             5s                                          default
    policy.optional_roles                 not set
    policy.reopen_window                  24h                                         default
    policy.all_clear_quiet                5m                                          default
    policy.self_clear_after               30m                                         default
    policy.relapse_answer_timeout         5m                                          default
    policy.handover_expiry                5m                                          default
    policy.undo_window                    60s                                         default
    policy.archive_after_close            7d                                          default
    policy.late_threshold                 120s                                        default
    policy.gap_question_after             15m                                         default
    policy.promise_grace                  2m                                          default
    policy.max_nudges                     3                                           default
    policy.cadence_before_mitigated.sev1  20m                                         default
    policy.cadence_before_mitigated.sev2  30m                                         default
    policy.cadence_before_mitigated.sev3  60m                                         default
    policy.cadence_after_mitigated.sev1   30m                                         default
    policy.cadence_after_mitigated.sev2   60m                                         default
    policy.cadence_after_mitigated.sev3   120m                                        default
    policy.stability_window.sev1          15m                                         default
    policy.stability_window.sev2          10m                                         default
    policy.stability_window.sev3          5m                                          default
    policy.stability_window.sev4          0s                                          default
    policy.holding_note.sev1              2m                                          default
    policy.holding_note.sev2              5m                                          default
    policy.first_update                   30m                                         default
    ");
}

#[test]
fn durations_are_whole_numbers_with_units() {
    let seconds = |text| {
        values::duration(text)
            .map(|duration| duration.as_secs())
            .ok()
    };
    assert_eq!(seconds("0s"), Some(0));
    assert_eq!(seconds("90s"), Some(90));
    assert_eq!(seconds("1h30m"), Some(5_400));
    assert_eq!(seconds("1w2d"), Some(777_600));
    for wrong in [
        "",
        "5",
        "m",
        "1.5h",
        "-5m",
        "5 m",
        "5min",
        "30m1h",
        "5m5m",
        "5M",
        "99999999999999999999s",
        "11000d",
    ] {
        assert_eq!(seconds(wrong), None, "{wrong}");
    }
}

proptest! {
    #[test]
    fn a_duration_means_what_it_says(days in 0u64..3000, hours in 0u64..24, minutes in 0u64..60, seconds in 0u64..60) {
        let text = format!("{days}d{hours}h{minutes}m{seconds}s");
        let expected = Duration::from_secs(((days * 24 + hours) * 60 + minutes) * 60 + seconds);
        prop_assert_eq!(values::duration(&text), Ok(expected));
    }

    #[test]
    fn no_file_makes_the_reader_fail_without_a_reason(text in "(\\[[a-z.]{1,12}\\]\n|[a-z_.]{1,12} = [\"a-z0-9\\[\\]{}é]{0,8}\n){0,6}") {
        if let Err(errors) = Written::new(&text).load(&[]) {
            prop_assert!(!errors.0.is_empty());
        }
    }
}
