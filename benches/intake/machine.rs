//! The machine that it is measured on, and what processes take of it.

use std::fs::read_to_string;
use std::io::Write as _;

use anyhow::Context as _;
use bridgewatch::clock::monotonic;

use super::median;

/// Linux counts the processor time of a process in hundredths of a second.
const TICKS_PER_SECOND: f64 = 100.0;

/// One line about it.
pub fn describe() -> anyhow::Result<String> {
    let value = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.split_once(':'));
        value.map_or_else(|| "?".to_owned(), |(_, value)| value.trim().to_owned())
    };
    Ok(format!(
        "{} build on {} x {}, {} of memory, Linux {}, load average {}",
        if cfg!(debug_assertions) {
            "debug"
        } else {
            "release"
        },
        std::thread::available_parallelism()?,
        value(&read_to_string("/proc/cpuinfo")?, "model name"),
        value(&read_to_string("/proc/meminfo")?, "MemTotal"),
        read_to_string("/proc/sys/kernel/osrelease")?.trim(),
        read_to_string("/proc/loadavg")?.trim(),
    ))
}

/// Processor time that a process has taken, all its threads together.
pub fn processor_seconds(process: u32) -> anyhow::Result<f64> {
    let stat = read_to_string(format!("/proc/{process}/stat"))?;
    // The name of the program comes second, in parentheses, and may hold anything.
    let after_name = stat.rsplit_once(')').context("a process with a name")?.1;
    let times = after_name.split_whitespace().skip(11).take(2);
    let ticks: Vec<f64> = times.map(str::parse).collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<f64>() / TICKS_PER_SECOND)
}

/// The memory of a process in MiB: `VmRSS` now, `VmHWM` at most.
pub fn resident_mib(process: u32, what: &str) -> anyhow::Result<f64> {
    let status = read_to_string(format!("/proc/{process}/status"))?;
    let kib: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix(what)?.strip_prefix(':'))
        .and_then(|rest| rest.split_whitespace().next())
        .context("the memory of a process")?
        .parse()?;
    Ok(kib / 1024.0)
}

/// How long this disk takes to keep 8 KiB, in the middle of fifty tries.
pub fn disk_wait_ms() -> anyhow::Result<f64> {
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
