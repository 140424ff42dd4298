//! Webhooks per second, as far as each of them gets.

use std::collections::BTreeMap;
use std::io::Write as _;

use bridgewatch::clock::{Clock, monotonic};
use bridgewatch::telemetry;
use chrono::TimeDelta;

use super::bodies::{GROUPS, Kind};
use super::doors::{Door, Mode};
use super::load::{Load, Sent, run};
use super::{Arguments, median, spread};

/// What is measured, and what it is called.
const MEASURED: [(Mode, Kind, &str); 6] = [
    (Mode::Floor, Kind::Repeats, "floor"),
    (Mode::Understood, Kind::Repeats, "understood"),
    (Mode::Kept, Kind::Repeats, "kept"),
    (Mode::Kept, Kind::Distinct, "kept, all different"),
    (Mode::Worked, Kind::Repeats, "worked off"),
    (Mode::Worked, Kind::Changes, "worked off, all news"),
];

/// One measurement.
struct Round {
    per_second: f64,
    ratio: f64,
    sent: Sent,
}

pub async fn measure(arguments: &Arguments) -> anyhow::Result<()> {
    // As in the running bot: what is counted costs what it costs.
    telemetry::metrics_handle()?;
    for connections in &arguments.connections {
        let mut rounds: BTreeMap<usize, Vec<Round>> = BTreeMap::new();
        let mut storms = Vec::new();
        let mut waits_ms = Vec::new();
        for round in 0..arguments.rounds {
            waits_ms.push(disk_wait_ms()?);
            let mut order: Vec<usize> = (1..MEASURED.len()).collect();
            if round % 2 == 1 {
                order.reverse();
            }
            let (floor, _) = one(0, *connections, arguments.seconds).await?;
            let floor_per_second = floor.per_second();
            rounds.entry(0).or_default().push(Round {
                per_second: floor_per_second,
                ratio: 1.0,
                sent: floor,
            });
            for index in order {
                let (sent, storm) = one(index, *connections, arguments.seconds).await?;
                if MEASURED[index].0 == Mode::Worked {
                    storms.push(storm);
                }
                let per_second = sent.per_second();
                rounds.entry(index).or_default().push(Round {
                    per_second,
                    ratio: per_second / floor_per_second,
                    sent,
                });
            }
        }
        print(*connections, &rounds);
        println!(
            "\n{GROUPS} new groups at once, until all are worked off: {} s. A wait for the disk: {} ms.",
            spread(&storms, 2),
            spread(&waits_ms, 2)
        );
    }
    Ok(())
}

/// Measures one mode once: what was sent, with the time until all of it was worked off; and the seconds that the first
/// turn of all groups took.
async fn one(index: usize, connections: usize, seconds: u64) -> anyhow::Result<(Sent, f64)> {
    let (mode, kind, _) = MEASURED[index];
    let door = Door::open(mode).await?;
    let mut load = Load {
        address: door.address,
        kind,
        connections,
        begin: Clock::real().now() - TimeDelta::days(1),
        first: 0,
        requests: Some(GROUPS),
        seconds: None,
    };
    let began = monotonic();
    run(&load).await?;
    door.settle().await?;
    let storm = began.elapsed().as_secs_f64();
    load.first = GROUPS;
    load.requests = None;
    load.seconds = Some(seconds);
    let mut sent = run(&load).await?;
    let answered = monotonic();
    door.settle().await?;
    sent.seconds += answered.elapsed().as_secs_f64();
    if mode == Mode::Worked && door.incidents().await? == 0 {
        anyhow::bail!("the alerts led to no incident");
    }
    door.close().await?;
    Ok((sent, storm))
}

fn print(connections: usize, rounds: &BTreeMap<usize, Vec<Round>>) {
    println!("\n{connections} connections\n");
    println!("| | webhooks per second | ratio to the floor | p50 ms | p99 ms | refused |");
    println!("|---|---|---|---|---|---|");
    for (index, rounds) in rounds {
        let of = |value: fn(&Round) -> f64| rounds.iter().map(value).collect::<Vec<_>>();
        println!(
            "| {} | {} | {} | {:.2} | {:.2} | {} |",
            MEASURED[*index].2,
            spread(&of(|round| round.per_second), 0),
            spread(&of(|round| round.ratio), 3),
            median(&of(|round| round.sent.p50_ms)),
            median(&of(|round| round.sent.p99_ms)),
            rounds.iter().map(|round| round.sent.refused).sum::<u64>(),
        );
    }
}

/// How long this disk takes to keep 8 KiB, in the middle of fifty tries.
fn disk_wait_ms() -> anyhow::Result<f64> {
    let mut file = tempfile::tempfile_in(env!("CARGO_TARGET_TMPDIR"))?;
    let mut waits = Vec::new();
    for _ in 0..50 {
        file.write_all(&[0; 8 * 1024])?;
        let began = monotonic();
        file.sync_data()?;
        waits.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok(median(&waits))
}
