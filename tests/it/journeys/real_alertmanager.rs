//! One night with the real Alertmanager between the alert and us, on the machine's own clock.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use bridgewatch_core::phase::Phase;
use serde_json::{Value, json};

use crate::world::{Message, Setup, World};

const PROGRAM: &str = "/usr/bin/prometheus-alertmanager";
const TOKEN: &str = "a-long-token-of-the-team-0123456789";

/// A running Alertmanager; it ends with the test.
struct RealAlertmanager {
    process: Child,
    url: String,
    client: reqwest::Client,
}

impl Drop for RealAlertmanager {
    fn drop(&mut self) {
        // It may have ended by itself; either way nothing of it stays.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl RealAlertmanager {
    /// Starts it with our own example of a configuration, made impatient.
    async fn start(world: &World) -> Self {
        assert!(
            Path::new(PROGRAM).exists(),
            "{PROGRAM} is missing: apt-get install prometheus-alertmanager"
        );
        let folder = world.folder();
        let token = folder.join("bridgewatch-token");
        std::fs::write(&token, TOKEN).expect("the token can be written");
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/alertmanager.yml");
        let example = std::fs::read_to_string(example).expect("the example can be read");
        let intake = format!("{}/hooks/alertmanager", world.intake());
        let config = [
            ("group_wait: 15s", "group_wait: 100ms"),
            ("group_interval: 1m\n  #", "group_interval: 1s\n  #"),
            ("http://127.0.0.1:9095/hooks/alertmanager", &intake),
            (
                "/etc/alertmanager/bridgewatch-token",
                &token.display().to_string(),
            ),
        ]
        .into_iter()
        .fold(example, |config, (ours, impatient)| {
            assert!(
                config.contains(ours),
                "deploy/alertmanager.yml says `{ours}`"
            );
            config.replace(ours, impatient)
        });
        let config_file = folder.join("alertmanager.yml");
        std::fs::write(&config_file, config).expect("the configuration can be written");
        let port = free_port();
        let process = Command::new(PROGRAM)
            .arg(format!("--config.file={}", config_file.display()))
            .arg(format!(
                "--storage.path={}",
                folder.join("alertmanager").display()
            ))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--cluster.listen-address=")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program can be run");
        let running = Self {
            process,
            url: format!("http://127.0.0.1:{port}"),
            client: reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("a client can be built"),
        };
        world
            .until("Alertmanager is ready", async || running.is_ready().await)
            .await;
        running
    }

    async fn is_ready(&self) -> bool {
        let answer = self
            .client
            .get(format!("{}/-/ready", self.url))
            .send()
            .await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    async fn is_told(&self, alerts: Value) {
        let answer = self
            .client
            .post(format!("{}/api/v2/alerts", self.url))
            .json(&alerts)
            .send()
            .await
            .expect("Alertmanager answers");
        assert!(answer.status().is_success(), "{}", answer.status());
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("there is a free port")
        .port()
}

#[tokio::test]
async fn the_real_alertmanager_leads_an_incident_from_its_alert_to_its_postmortem() {
    let world = Setup::default()
        .on_the_real_clock()
        .with("intake.token", TOKEN)
        .with("policy.all_clear_quiet", "2s")
        .start()
        .await;
    let alertmanager = RealAlertmanager::start(&world).await;
    let began = world.now();
    let alert = json!({
        "labels": {
            "alertname": "ApiErrorRateHigh", "severity": "critical", "service": "orders-api", "cluster": "north",
        },
        "annotations": {"summary": "orders-api 5xx 38%"},
        "startsAt": began.to_rfc3339(),
        "generatorURL": "http://prometheus.example:9090/graph",
    });

    alertmanager.is_told(json!([alert])).await;
    world
        .until("an incident has its channel", async || {
            !world.incident_channels().is_empty()
        })
        .await;
    world.settle().await;
    let channel = world.channel("inc-0001-orders-api-5xx-38");
    channel.expect_board("1 firing: ApiErrorRateHigh");
    world.sam().takes_it().await;
    channel.expect_board("👑 On-Call @sam");

    let mut over = alert.clone();
    let ended = world.now();
    over["endsAt"] = json!(ended.to_rfc3339());
    alertmanager.is_told(json!([over])).await;
    world
        .until("the end of the alert is told", async || {
            world.incident(1).await.alerts.firing == 0
        })
        .await;
    world.settle().await;

    channel.expect_board("1 of 1 clear since");
    assert!(
        world.incident(1).await.is_active(),
        "the bot ends nothing by itself"
    );
    world
        .until("the bot asks whether it is over", async || {
            channel.count("All alerts are clear since") == 1
        })
        .await;
    drop(alertmanager);
    world.sam().clicks("Go to validation").await;
    let asked = world.sam().clicks("Resolve").await;
    asked
        .expect("✓ No attached alert fires")
        .clicks("Resolve anyway")
        .await
        .expect("Resolved. Thank you.");

    assert_eq!(world.incident(1).await.phase, Phase::Learning);
    let draft = world.postmortem(1).await;
    let began = began.format("%Y-%m-%d %H:%M:%S");
    let ended = ended.format("%Y-%m-%d %H:%M:%S");
    let told = format!("| ApiErrorRateHigh | {began} | {ended} |");
    assert!(draft.contains(&told), "`{told}` is missing: {draft}");
    let has_draft = |message: &Message| {
        let mut files = message.view.attachments.iter();
        files.any(|file| file.filename == "INC-0001-postmortem-v1.md")
    };
    assert!(channel.messages().iter().any(has_draft));
    assert_eq!(world.incident_channels().len(), 1);
    world.ends().await;
}
