//! A storm: thousands of alert groups begin to fire at once.

use bridgewatch::clock::Clock;
use bridgewatch::telemetry;
use chrono::TimeDelta;

use super::bodies::{ALERTS_EACH, Kind};
use super::doors::{Door, Mode};
use super::load::{Load, run};
use super::spread;

/// How many groups there are; each sends one webhook.
pub const GROUPS: u64 = 2_000;

/// Over how many connections they come.
pub const CONNECTIONS: usize = 256;

pub async fn measure(rounds: usize) -> anyhow::Result<()> {
    telemetry::metrics_handle()?;
    let (mut answered, mut merged) = (Vec::new(), Vec::new());
    let (mut p50, mut p99, mut longest) = (Vec::new(), Vec::new(), Vec::new());
    let mut refused = 0;
    for _ in 0..rounds {
        let door = Door::open(Mode::Worked).await?;
        let sent = run(&load(door.address)).await?;
        door.settle().await?;
        merged.push(sent.seconds_since_begin());
        door.expect_correlated(GROUPS, ALERTS_EACH).await?;
        door.close().await?;
        answered.push(sent.seconds);
        p50.push(sent.p50_ms);
        p99.push(sent.p99_ms);
        longest.push(sent.longest_ms);
        refused += sent.refused;
    }
    println!("\n{GROUPS} new alert groups at once, over {CONNECTIONS} connections\n");
    println!(
        "| all answered, s | all correlated, s | p50 ms | p99 ms | longest answer, ms | refused |"
    );
    println!("|---|---|---|---|---|---|");
    println!(
        "| {} | {} | {} | {} | {} | {refused} |",
        spread(&answered, 2),
        spread(&merged, 2),
        spread(&p50, 1),
        spread(&p99, 1),
        spread(&longest, 1)
    );
    Ok(())
}

/// All groups, once.
pub fn load(address: std::net::SocketAddr) -> Load {
    Load {
        address,
        kind: Kind::Repeats,
        groups: GROUPS,
        connections: CONNECTIONS,
        begin: Clock::real().now() - TimeDelta::days(1),
        first: 0,
        requests: Some(GROUPS),
        seconds: None,
    }
}
