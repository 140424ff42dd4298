//! Webhooks per second, as far as each of them gets.

use std::collections::BTreeMap;

use bridgewatch::clock::Clock;
use bridgewatch::telemetry;
use chrono::TimeDelta;

use super::bodies::{ALERTS_EACH, Kind};
use super::doors::{Door, Mode};
use super::load::{Load, Sent, run};
use super::{Arguments, machine, median, spread};

/// How many alert groups take turns.
const GROUPS: u64 = 1_000;

/// What is measured, and what it is called. The first two are what the others are compared with.
const MEASURED: [(Mode, Kind, &str); 6] = [
    (Mode::Floor, Kind::Repeats, "floor: read and answered"),
    (Mode::Understood, Kind::Repeats, "understood, not kept"),
    (Mode::Kept, Kind::Repeats, "kept, repeats"),
    (Mode::Kept, Kind::Distinct, "kept, all different"),
    (Mode::Worked, Kind::Repeats, "correlated, repeats"),
    (Mode::Worked, Kind::Changes, "correlated, all news"),
];

/// One measurement.
struct Round {
    per_second: f64,
    processor_seconds: f64,
    sent: Sent,
}

pub async fn measure(arguments: &Arguments) -> anyhow::Result<()> {
    // As in the running bot: what is counted costs what it costs.
    telemetry::metrics_handle()?;
    for connections in &arguments.connections {
        let mut measured: BTreeMap<usize, Vec<Round>> = BTreeMap::new();
        let mut waits_ms = Vec::new();
        for round in 0..arguments.rounds {
            waits_ms.push(machine::disk_wait_ms()?);
            // There and back again, so that what slowly changes about the machine favours none of them.
            let mut order: Vec<usize> = (0..MEASURED.len())
                .filter(|index| MEASURED[*index].2.contains(&arguments.rows))
                .collect();
            if round % 2 == 1 {
                order.reverse();
            }
            for index in order {
                let taken = one(index, *connections, arguments.seconds).await?;
                measured.entry(index).or_default().push(taken);
            }
        }
        print(*connections, &measured);
        println!("\nA wait for the disk: {} ms.", spread(&waits_ms, 2));
    }
    Ok(())
}

/// Measures one mode once. What is correlated afterwards counts when all of it is.
async fn one(index: usize, connections: usize, seconds: u64) -> anyhow::Result<Round> {
    let (mode, kind, _) = MEASURED[index];
    let door = Door::open(mode).await?;
    let mut load = Load {
        address: door.address,
        kind,
        groups: GROUPS,
        connections,
        begin: Clock::real().now() - TimeDelta::days(1),
        first: 0,
        requests: Some(GROUPS),
        seconds: None,
    };
    // The first turn of all groups is another matter: the storm.
    run(&load).await?;
    door.settle().await?;
    load.first = GROUPS;
    load.requests = None;
    load.seconds = Some(seconds);
    let processor_before = machine::processor_seconds(std::process::id())?;
    let sent = run(&load).await?;
    door.settle().await?;
    let until_done = match mode {
        Mode::Worked => sent.seconds_since_begin(),
        Mode::Floor | Mode::Understood | Mode::Kept => sent.seconds,
    };
    let processor_seconds = machine::processor_seconds(std::process::id())? - processor_before;
    door.expect_correlated(GROUPS, ALERTS_EACH).await?;
    door.close().await?;
    Ok(Round {
        per_second: sent.accepted as f64 / until_done,
        processor_seconds,
        sent,
    })
}

fn print(connections: usize, measured: &BTreeMap<usize, Vec<Round>>) {
    println!("\n{connections} connections\n");
    println!(
        "| | webhooks per second | of the floor | of what is not kept | p50 ms | p99 ms | refused | sender busy | \
         processor ms each 1,000 |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let rates = |index: usize| {
        let rounds = measured.get(&index).into_iter().flatten();
        rounds.map(|round| round.per_second).collect::<Vec<_>>()
    };
    let (floor, understood) = (rates(0), rates(1));
    for (index, rounds) in measured {
        let of = |value: fn(&Round) -> f64| rounds.iter().map(value).collect::<Vec<_>>();
        let per_second = of(|round| round.per_second);
        let ratio_to = |base: &[f64]| {
            let ratios = per_second.iter().zip(base).map(|(rate, base)| rate / base);
            spread(&ratios.collect::<Vec<_>>(), 3)
        };
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {:.0} % | {:.0} |",
            MEASURED[*index].2,
            spread(&per_second, 0),
            ratio_to(&floor),
            ratio_to(&understood),
            spread(&of(|round| round.sent.p50_ms), 2),
            spread(&of(|round| round.sent.p99_ms), 2),
            rounds.iter().map(|round| round.sent.refused).sum::<u64>(),
            100.0
                * median(&of(
                    |round| round.sent.processor_seconds / round.sent.seconds
                )),
            median(&of(
                |round| 1e6 * round.processor_seconds / round.sent.accepted as f64
            )),
        );
    }
}
