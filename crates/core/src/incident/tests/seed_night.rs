//! The night the project began with: Django, React and AI features at 3 AM, everything red. It is told step by step, so
//! that boards, drafts and the postmortem can be read at any moment of it.

use super::night::{ADA, KIM, MO, Night, SAM, at};
use crate::incident::{Command, Confidence, ImpactAnswer, MilestoneName, Report, UpdateKind};
use crate::phase::Phase::{Fix, Mitigation, Validation};
use crate::role::Role::{Backend, Bridge, Documentation, OnCall};
use crate::severity::Severity::Sev1;
use crate::timeline::Precision;
use crate::update;

type Step = fn(&mut Night);

/// The night as it was at a time of day.
pub(crate) fn the_night_at(clock: &str) -> Night {
    let mut night = Night::at("03:02")
        .with_runbook("scenario-3am")
        .on_duty(OnCall, SAM)
        .on_duty(Bridge, MO)
        .on_duty(Backend, ADA)
        .on_duty(Documentation, KIM)
        .fires("orders-api 5xx and stalled AI queue", Sev1);
    for (time, step) in steps() {
        if at(time) > at(clock) {
            break;
        }
        night.runs_until(time);
        step(&mut night);
        assert!(!night.was_refused(), "{time}: {}", night.refusal());
    }
    night.runs_until(clock);
    night
}

fn steps() -> Vec<(&'static str, Step)> {
    vec![
        ("03:02:41", |night| {
            night.by(SAM).takes_it();
        }),
        ("03:05", |night| {
            night.by(SAM).finishes("newest-deploy");
            night
                .by(SAM)
                .writes("obs: release 2026.11.3 went out 02:41");
        }),
        ("03:07", |night| {
            night
                .by(SAM)
                .writes("obs: 100/100 connections, most from ai-worker");
        }),
        ("03:09", |night| {
            night.by(MO).accepts(Bridge);
            night.by(SAM).asks(Command::GiveCommand { to: MO });
        }),
        ("03:10", |night| {
            night
                .by(SAM)
                .thinks("AI workers hold DB connections since the 02:41 release");
        }),
        ("03:11", |night| {
            night.by(ADA).accepts(Backend);
            night.by(KIM).accepts(Documentation);
            night
                .by(MO)
                .describes_impact("Many users cannot order; AI features do not run");
        }),
        ("03:12", |night| {
            night.by(SAM).moves_to(Mitigation);
            night.by(SAM).writes("act: AI features off, cached data on");
            night.by(SAM).finishes("ai-off");
        }),
        ("03:15", |night| {
            night.by(MO).asks(Command::GiveEstimate {
                low_minutes: 15,
                high_minutes: 30,
                basis: "if the rollback helps".to_owned(),
                confidence: Confidence::Likely,
            });
        }),
        ("03:17", |night| {
            night.by(SAM).writes("obs: connections 62, 5xx 9 %");
        }),
        ("03:18", |night| {
            let text = update::draft(night.incident(), &night.entries());
            night.by(MO).sends(&text);
        }),
        ("03:20", |night| {
            night
                .by(MO)
                .writes("dec: roll back 02:41, it correlates | and is reversible");
        }),
        ("03:22", |night| {
            night.by(ADA).writes("act: rollback to 2026.11.2 done <@1>");
        }),
        ("03:24", |night| {
            night
                .by(KIM)
                .writes("@02:53 obs: first 500 in the edge log");
            night.by(KIM).asks(Command::CorrectMilestone {
                name: MilestoneName::ImpactStart,
                at: at("02:53"),
                precision: Precision::Minute,
                evidence: None,
            });
        }),
        ("03:34", |night| {
            night.alerts_say(|picture| {
                picture.firing = 1;
                picture.cleared = 2;
                picture.last_cleared_at = Some(at("03:33"));
            });
        }),
        ("03:38", |night| {
            let text = update::nothing_new(night.incident(), &night.entries());
            night.by(MO).asks(Command::SendUpdate {
                kind: UpdateKind::NothingNew,
                text,
                next_in_minutes: None,
            });
        }),
        ("03:41", |night| {
            night
                .by(ADA)
                .writes("act: retry AI tasks in batches of 50 with backoff");
            night
                .by(KIM)
                .writes("todo: alert on the age of the oldest AI task");
        }),
        ("03:47", |night| {
            night.by(SAM).moves_to_saying(Fix, ImpactAnswer::OverNow);
        }),
        ("03:49", |night| {
            night.by(SAM).moves_to(Validation);
        }),
        ("03:51", |night| {
            for check in ["health-checks", "endpoints-normal"] {
                night.by(SAM).finishes(check);
            }
            night.by(ADA).finishes("fresh-ai-results");
            night.by(SAM).finishes("main-journey");
        }),
        ("03:52", |night| {
            night.all_alerts_clear();
        }),
        ("04:07", |night| {
            night.by(MO).resolves();
        }),
        ("04:08", |night| {
            let text = update::all_clear(night.incident(), crate::card::DataLoss::No);
            night.by(MO).asks(Command::SendUpdate {
                kind: UpdateKind::AllClear,
                text,
                next_in_minutes: None,
            });
        }),
        ("04:09", |night| {
            night.bot(Command::Report(Report::PostmortemDrafted(1)));
        }),
    ]
}
