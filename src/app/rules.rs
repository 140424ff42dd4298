//! From the settings to the numbers that the core decides by: for the running bot, and for an operator who asks what it
//! would do.

use bridgewatch_core::oncall::Rota;
use bridgewatch_core::ports::Checked;
use bridgewatch_core::role::Role;
use bridgewatch_core::watchdog::Watchdog;
use std::time::Duration;

use bridgewatch_core::incident::{CallPolicy, Policy};
use chrono::TimeDelta;

use crate::config::{self, AfterIncident, CallKind, Config};
use crate::desk::CorrelatorSettings;
use crate::notify::DiscordNotifier;

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

fn minutes(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs() / 60).unwrap_or(u32::MAX)
}

/// The numbers by which incidents are run, as the team has set them.
#[must_use]
pub fn policy_of(config: &Config, rota: &Rota) -> Policy {
    let settings = &config.policy;
    let before = &settings.cadence_before_mitigated;
    let after = &settings.cadence_after_mitigated;
    let stable = &settings.stability_window;
    let defaults = Policy::default();
    Policy {
        cadence_minutes: [
            minutes(before.sev1),
            minutes(before.sev2),
            minutes(before.sev3),
        ],
        cadence_after_minutes: [
            minutes(after.sev1),
            minutes(after.sev2),
            minutes(after.sev3),
        ],
        stability: [
            delta(stable.sev1),
            delta(stable.sev2),
            delta(stable.sev3),
            delta(stable.sev4),
        ],
        // The setting names the latest moment; a minute earlier leaves room for a slow night.
        holding_note_after: [
            (delta(settings.holding_note.sev1) - TimeDelta::minutes(1)).max(TimeDelta::zero()),
            (delta(settings.holding_note.sev2) - TimeDelta::minutes(1)).max(TimeDelta::zero()),
        ],
        first_update_within: delta(settings.first_update),
        all_clear_quiet: delta(settings.all_clear_quiet),
        self_clear_after: delta(settings.self_clear_after),
        relapse_answer: delta(settings.relapse_answer_timeout),
        handover_expiry: delta(settings.handover_expiry),
        undo_window: delta(settings.undo_window),
        archive_after: delta(settings.archive_after_close),
        late_after: delta(settings.late_threshold),
        gap_after: delta(settings.gap_question_after),
        promise_grace: delta(settings.promise_grace),
        most_calls: settings.max_nudges,
        night: config.night.hours,
        board_min_interval: delta(settings.board_min_interval),
        optional_roles: settings.optional_roles.clone(),
        reopen_window: delta(settings.reopen_window),
        update_targets: update_targets(config),
        has_pager: config.pager.url.is_some(),
        late_start: config.night.late_start.clone(),
        call: call_of(&config.call),
        secrets: config.timeline.secrets.clone(),
        zone: config.server.timezone,
        zones: rota.zones(),
        ..defaults
    }
}

/// Where people talk.
fn call_of(call: &config::Call) -> CallPolicy {
    match (call.kind, call.link.clone()) {
        (CallKind::Link, Some(link)) => CallPolicy::Link(link),
        // Without an address the configuration is refused.
        (CallKind::Off | CallKind::Link, _) => CallPolicy::Off,
        (CallKind::Voice, fallback) => CallPolicy::Voice {
            fallback,
            keep: call.when_over == AfterIncident::Keep,
        },
    }
}

/// What is missing for somebody to be woken by a SEV1 or SEV2.
#[must_use]
pub fn who_sleeps_on(has_pager: bool, rota: &Rota) -> Option<&'static str> {
    let somebody_is_on_call = rota
        .schedules
        .iter()
        .map(|schedule| schedule.role)
        .chain(rota.overrides.iter().map(|swap| swap.role))
        .any(|role| role == Role::OnCall);
    match (has_pager, somebody_is_on_call) {
        (true, true) => None,
        (true, false) => Some(
            "rota: nobody is on call by name: a SEV1 or SEV2 calls the pager without a person, and its own schedule \
             decides; set rota.file to ask somebody by name",
        ),
        (false, true) => Some(
            "warning: pager.url is not set: whoever is on call gets a direct message in Discord, which wakes nobody",
        ),
        (false, false) => Some(
            "warning: neither pager.url nor an On-Call Engineer in rota.file is set: a SEV1 or SEV2 opens its channel, \
             and nobody is woken or asked by name",
        ),
    }
}

/// What the settings leave out, for whoever asks the running bot.
pub(super) fn left_out(has_pager: bool, has_watchdog: bool, rota: &Rota) -> Vec<Checked> {
    let mut found = Vec::new();
    found.push(match who_sleeps_on(has_pager, rota) {
        None => Checked::fine("a SEV1 or SEV2 calls the pager, for whoever is on call by name"),
        Some(why) => Checked::wrong(
            why.trim_start_matches("warning: ")
                .trim_start_matches("rota: "),
            "docs/operating.md, \"Wake people\"",
        ),
    });
    if !has_watchdog {
        found.push(Checked::wrong(
            "no watchdog alert is waited for: alerts that stop arriving look like quiet",
            "set watchdog.alertname in my configuration; docs/sources.md, \"The watchdog\"",
        ));
    }
    found
}

/// Who hears updates, by name.
fn update_targets(config: &Config) -> Vec<String> {
    let webhooks = &config.stakeholders.webhooks;
    let names = webhooks.iter().map(|webhook| webhook.name.clone());
    std::iter::once(DiscordNotifier::NAME.to_owned())
        .chain(names)
        .collect()
}

/// The rules by which alerts become incidents, as the team has set them.
#[must_use]
pub fn correlator_of(config: &Config) -> CorrelatorSettings {
    let settings = &config.policy;
    let mut correlator = CorrelatorSettings::default();
    let rules = &mut correlator.rules;
    rules.correlation_keys.clone_from(&settings.correlate_by);
    rules.severity.clone_from(&settings.severity);
    rules.correlate_window = settings.correlate_window;
    rules.storm_alertnames = settings.storm_alertnames;
    rules.storm_window = settings.storm_window;
    rules.burst_window = settings.burst_window;
    rules.new_channel_min_gap = settings.new_channel_min_gap;
    rules.max_active_incidents = settings.max_active_incidents;
    rules.umbrella_absorbs = settings.umbrella_absorbs;
    rules.reopen_window = settings.reopen_window;
    correlator.watchdog = watchdog_of(config);
    correlator
}

fn watchdog_of(config: &Config) -> Option<Watchdog> {
    Some(Watchdog {
        alertname: config.watchdog.alertname.clone()?,
        interval: TimeDelta::from_std(config.watchdog.interval).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bridgewatch_core::alert::AlertSeverity;
    use bridgewatch_core::severity::Severity;

    fn config(settings: &[(&str, &str)]) -> Config {
        let settings = settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Config::load(None, settings).expect("the settings are right")
    }

    #[test]
    fn without_settings_the_rules_are_those_of_the_core() {
        let config = config(&[]);
        assert_eq!(
            correlator_of(&config).rules,
            CorrelatorSettings::default().rules
        );
        let policy = policy_of(&config, &Rota::empty(config.server.timezone));
        assert_eq!(policy, Policy::default());
    }

    #[test]
    fn what_a_team_sets_is_what_routing_goes_by() {
        let config = config(&[
            ("BRIDGEWATCH__POLICY__BURST_WINDOW", "0s"),
            ("BRIDGEWATCH__POLICY__UMBRELLA_ABSORBS", "1h"),
            ("BRIDGEWATCH__POLICY__MAX_ACTIVE_INCIDENTS", "2"),
        ]);
        let rules = correlator_of(&config).rules;
        assert_eq!(rules.burst_window, Duration::ZERO);
        assert_eq!(rules.umbrella_absorbs, Duration::from_secs(60 * 60));
        assert_eq!(rules.max_active_incidents, 2);
    }

    #[test]
    fn a_teams_own_labels_say_what_belongs_together_and_how_bad_it_is() {
        let config = config(&[
            ("BRIDGEWATCH__POLICY__CORRELATE_BY", "team, cluster+app"),
            ("BRIDGEWATCH__POLICY__SEVERITY__LABEL", "priority"),
            ("BRIDGEWATCH__POLICY__SEVERITY__SEV1", "P1, page"),
            ("BRIDGEWATCH__POLICY__SEVERITY__OTHERWISE", "record_only"),
        ]);
        let rules = correlator_of(&config).rules;
        let keys: Vec<String> = rules
            .correlation_keys
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(keys, ["team", "cluster+app"]);
        let asked = |label: &str, value: &str| {
            let labels = [(label.to_owned(), value.to_owned())].into_iter().collect();
            rules.severity.severity_of(&labels).severity
        };
        let sev1 = AlertSeverity::Incident(Severity::Sev1);
        assert_eq!(asked("priority", "p1"), sev1);
        assert_eq!(asked("priority", "Page"), sev1);
        assert_eq!(
            asked("priority", "critical"),
            AlertSeverity::Incident(Severity::Sev2)
        );
        assert_eq!(asked("priority", "P5"), AlertSeverity::RecordOnly);
        assert_eq!(asked("severity", "critical"), AlertSeverity::RecordOnly);
    }

    #[test]
    fn every_time_that_a_team_sets_is_the_one_that_incidents_go_by() {
        let seconds = |number: i64| TimeDelta::seconds(number);
        let config = config(&[
            ("BRIDGEWATCH__POLICY__FIRST_UPDATE", "301s"),
            ("BRIDGEWATCH__POLICY__SELF_CLEAR_AFTER", "2s"),
            ("BRIDGEWATCH__POLICY__RELAPSE_ANSWER_TIMEOUT", "3s"),
            ("BRIDGEWATCH__POLICY__HANDOVER_EXPIRY", "4s"),
            ("BRIDGEWATCH__POLICY__UNDO_WINDOW", "5s"),
            ("BRIDGEWATCH__POLICY__ARCHIVE_AFTER_CLOSE", "6s"),
            ("BRIDGEWATCH__POLICY__LATE_THRESHOLD", "7s"),
            ("BRIDGEWATCH__POLICY__GAP_QUESTION_AFTER", "8s"),
            ("BRIDGEWATCH__POLICY__PROMISE_GRACE", "9s"),
            ("BRIDGEWATCH__POLICY__MAX_NUDGES", "10"),
            ("BRIDGEWATCH__NIGHT__FROM", "23:30"),
            ("BRIDGEWATCH__NIGHT__UNTIL", "06:15"),
        ]);
        let expected = Policy {
            first_update_within: seconds(301),
            self_clear_after: seconds(2),
            relapse_answer: seconds(3),
            handover_expiry: seconds(4),
            undo_window: seconds(5),
            archive_after: seconds(6),
            late_after: seconds(7),
            gap_after: seconds(8),
            promise_grace: seconds(9),
            most_calls: 10,
            ..Policy::default()
        };
        let policy = policy_of(&config, &Rota::empty(config.server.timezone));
        assert_eq!(policy.night.to_string(), "23:30 to 06:15");
        assert_eq!(
            Policy {
                night: expected.night,
                ..policy
            },
            expected
        );
    }
}
