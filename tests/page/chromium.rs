//! Chromium without a window, spoken to over the DevTools protocol: the few commands that a person's eyes and hands need.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long Chromium may take over one command: longer than the patience of the eyes, which wait inside of one.
const PATIENCE: Duration = Duration::from_secs(30);

/// Names by which the browser is known; `CHROMIUM` in the environment goes before them.
const PROGRAMS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A browser with one page; ends with the value.
pub(crate) struct Chromium {
    program: Child,
    line: WebSocketStream<MaybeTlsStream<TcpStream>>,
    last_id: u64,
    session: Option<String>,
    /// What the page complained about in its console, and what it could not load.
    pub(crate) complaints: Vec<String>,
    _profile: TempDir,
}

impl Chromium {
    /// Starts the browser with a profile of its own and takes hold of its first page.
    pub(crate) async fn starts() -> anyhow::Result<Self> {
        let profile = tempfile::tempdir().context("a folder for the browser's profile")?;
        let (program, address) = start(&profile)?;
        let (line, _) = connect_async(&address)
            .await
            .with_context(|| format!("Chromium's DevTools at {address}"))?;
        let mut chromium = Self {
            program,
            line,
            last_id: 0,
            session: None,
            complaints: Vec::new(),
            _profile: profile,
        };
        let page = chromium.first_page().await?;
        let attached = json!({"targetId": page, "flatten": true});
        let attached = chromium.call("Target.attachToTarget", attached).await?;
        chromium.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            chromium
                .call(&format!("{domain}.enable"), json!({}))
                .await?;
        }
        Ok(chromium)
    }

    async fn first_page(&mut self) -> anyhow::Result<String> {
        let created = json!({"url": "about:blank"});
        let created = self.call("Target.createTarget", created).await?;
        created["targetId"]
            .as_str()
            .map(str::to_owned)
            .context("Chromium opens a page")
    }

    /// One command of the protocol and its result.
    pub(crate) async fn call(&mut self, method: &str, parameters: Value) -> anyhow::Result<Value> {
        self.last_id += 1;
        let id = self.last_id;
        let mut command = json!({"id": id, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        self.line
            .send(Message::text(command.to_string()))
            .await
            .with_context(|| format!("{method} cannot be sent"))?;
        let answer = tokio::time::timeout(PATIENCE, self.answer_to(id))
            .await
            .map_err(|_| anyhow!("Chromium did not answer {method} within {PATIENCE:?}"))??;
        if let Some(error) = answer.get("error") {
            bail!("{method}: {error}");
        }
        Ok(answer["result"].clone())
    }

    async fn answer_to(&mut self, id: u64) -> anyhow::Result<Value> {
        loop {
            let message = self.line.next().await.context("Chromium is gone")??;
            let Message::Text(text) = message else {
                continue;
            };
            let said: Value = serde_json::from_str(&text)?;
            if said["id"] == json!(id) {
                return Ok(said);
            }
            self.complaints.extend(complaint(&said));
        }
    }

    /// The value of an expression in the page; a promise is waited for.
    pub(crate) async fn evaluate(&mut self, expression: &str) -> anyhow::Result<Value> {
        let asked = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.call("Runtime.evaluate", asked).await?;
        ensure!(
            answer.get("exceptionDetails").is_none(),
            "{expression}: {}",
            answer["exceptionDetails"]["exception"]["description"]
        );
        Ok(answer["result"]["value"].clone())
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Starts the program and reads where its DevTools listen.
fn start(profile: &TempDir) -> anyhow::Result<(Child, String)> {
    let named = std::env::var("CHROMIUM").ok();
    let mut program = named
        .iter()
        .map(String::as_str)
        .chain(PROGRAMS)
        .find_map(|name| command(name, profile).spawn().ok())
        .context(
            "Chromium is missing: `apt-get install chromium`, or name the program in the variable CHROMIUM",
        )?;
    let mut said = BufReader::new(program.stderr.take().context("Chromium's output")?);
    let mut heard = String::new();
    let address = loop {
        let mut line = String::new();
        ensure!(
            said.read_line(&mut line)? > 0,
            "Chromium ended before it listened:\n{heard}"
        );
        if let Some(address) = line.trim().strip_prefix("DevTools listening on ") {
            break address.to_owned();
        }
        heard.push_str(&line);
    };
    // Read on, or a full pipe would stop it.
    std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    Ok((program, address))
}

fn command(program: &str, profile: &TempDir) -> Command {
    let mut command = Command::new(program);
    command
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--remote-debugging-port=0",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg("about:blank")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// What an event of the protocol says against the page.
fn complaint(event: &Value) -> Option<String> {
    let about = &event["params"];
    match event["method"].as_str()? {
        "Runtime.exceptionThrown" => Some(format!(
            "exception: {}",
            about["exceptionDetails"]["exception"]["description"]
        )),
        "Runtime.consoleAPICalled"
            if matches!(about["type"].as_str(), Some("error" | "warning" | "assert")) =>
        {
            Some(format!("console: {}", about["args"]))
        }
        "Log.entryAdded"
            if matches!(about["entry"]["level"].as_str(), Some("error" | "warning")) =>
        {
            Some(format!(
                "log: {} {}",
                about["entry"]["text"], about["entry"]["url"]
            ))
        }
        // A request is also broken off when the page turns to somebody else; what fails otherwise is a defect.
        "Network.loadingFailed" if about["canceled"] != json!(true) => {
            Some(format!("not loaded: {}", about["errorText"]))
        }
        _ => None,
    }
}
