//! The demo as a person starts it: the program itself, on a free port, told where to open a browser by its first line.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

/// A running demo; ends with the value.
pub(crate) struct Demo {
    program: Child,
    /// Where the page is.
    pub(crate) address: String,
    /// The rest of what the demo says: nobody reads it, but it must be able to say it.
    _said: BufReader<ChildStdout>,
    /// The demo's own files; removed with it.
    _folder: TempDir,
}

impl Demo {
    /// Starts the demo and waits until it says where it is.
    pub(crate) fn starts() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("a folder for the demo")?;
        let mut program = Command::new(env!("CARGO_BIN_EXE_bridgewatch"))
            .args(["demo", "--listen", "127.0.0.1:0", "--speed", "1"])
            .env("TMPDIR", folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .context("the demo cannot be started")?;
        let mut said = BufReader::new(program.stdout.take().context("the demo's output")?);
        let mut first = String::new();
        said.read_line(&mut first)?;
        let address = first
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .map(str::to_owned);
        ensure!(
            address.is_some(),
            "the demo's first line names no address: {first:?}"
        );
        Ok(Self {
            program,
            address: address.unwrap_or_default(),
            _said: said,
            _folder: folder,
        })
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}
