//! What the bot takes in, and how fast: `cargo bench --bench intake`.
//!
//! Everything is measured in one run and told as a ratio to a floor of the same round, the same HTTP server answering
//! without storing anything: absolute numbers of one machine say little about another. The load comes from a process of
//! its own with one thread, over connections that stay open. `docs/performance.md` says what came of it and where.
//!
//! ```text
//! cargo bench --bench intake                            everything, in less than five minutes
//! cargo bench --bench intake -- --only throughput       only webhooks per second
//! cargo bench --bench intake -- --rounds 5 --seconds 5  more of it
//! ```

mod bodies;
mod channel;
mod doors;
mod load;
mod machine;
mod replies;
mod service;
mod storm;
mod storm_replies;
mod throughput;

use clap::{Parser, Subcommand, ValueEnum};

use load::Load;

/// As the bot has it.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Measures the intake.
#[derive(Debug, Parser)]
struct Arguments {
    /// How often each measurement is made.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long webhooks are sent for each measurement.
    #[arg(long, default_value_t = 2)]
    seconds: u64,
    /// Connections that are open at once, one list for all.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 32, 256])]
    connections: Vec<usize>,
    /// Of the throughput, only the rows whose name has this in it; without the floor there are no ratios.
    #[arg(long, default_value = "")]
    rows: String,
    /// Alert groups of the storm during which people are answered.
    #[arg(long, default_value_t = storm::GROUPS)]
    groups: u64,
    /// Only one part.
    #[arg(long)]
    only: Option<Part>,
    /// Given by `cargo bench`; without it nothing is measured.
    #[arg(long, hide = true)]
    bench: bool,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Webhooks per second.
    Throughput,
    /// The whole program: size, start, memory.
    Service,
    /// From an alert to a channel.
    Channel,
    /// Two thousand alert groups at once.
    Storm,
    /// Buttons and slash commands beside a thousand open incidents.
    Replies,
    /// Buttons and slash commands while the storm comes in.
    StormReplies,
}

/// What this process is, if it is not the one that measures.
#[derive(Debug, Subcommand)]
enum Role {
    /// The sender of webhooks.
    #[command(hide = true)]
    Load(Load),
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if let Some(Role::Load(load)) = &arguments.role {
        return load::send(load);
    }
    if !arguments.bench {
        println!("nothing is measured here: run `cargo bench --bench intake`");
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let wanted = |part| arguments.only.is_none_or(|only| only == part);
        println!("{}", machine::describe()?);
        if wanted(Part::Service) {
            service::measure(arguments.seconds).await?;
        }
        if wanted(Part::Channel) {
            channel::measure().await?;
        }
        if wanted(Part::Storm) {
            storm::measure(arguments.rounds).await?;
        }
        if wanted(Part::Replies) {
            replies::measure().await?;
        }
        if wanted(Part::StormReplies) {
            storm_replies::measure(arguments.groups).await?;
        }
        if wanted(Part::Throughput) {
            throughput::measure(&arguments).await?;
        }
        Ok(())
    })
}

/// The value in the middle of a list.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// `1.5 [1.2–1.9]`: the median and the range.
fn spread(values: &[f64], digits: usize) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!(
        "{:.digits$} [{least:.digits$}–{most:.digits$}]",
        median(values)
    )
}
