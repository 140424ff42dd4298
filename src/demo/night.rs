//! The night, played by itself.

use anyhow::bail;

use super::stage::Stage;

/// Plays the night and gives the report.
pub(super) async fn play(_stage: &Stage) -> anyhow::Result<String> {
    bail!("not played yet")
}

/// What everybody could read.
pub(super) fn transcript(_stage: &Stage) -> String {
    String::new()
}
