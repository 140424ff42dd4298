//! A person before a screen: reads what is in the window, presses what can be reached, writes where there is a box.
//! Everything is found by its visible words; nothing that is covered, greyed out or outside the window counts.

use std::path::PathBuf;
use std::str::FromStr as _;

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use serde_json::{Value, json};

use crate::chromium::Chromium;
use crate::demo::Demo;

/// How long a person waits for something to appear, in milliseconds.
const PATIENCE_MS: u32 = 10_000;

/// The kind of screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Device {
    /// 1280 × 800, a mouse and a keyboard.
    Desk,
    /// 390 × 844, a finger.
    Phone,
}

impl Device {
    fn name(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::Phone => "phone",
        }
    }

    fn metrics(self) -> Value {
        match self {
            Self::Desk => {
                json!({"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": false})
            }
            Self::Phone => {
                json!({"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": true})
            }
        }
    }
}

/// A screen with the demo's page on it.
pub(crate) struct Screen {
    chromium: Chromium,
    device: Device,
    /// Presses since [`Screen::counts_from_here`].
    taps: usize,
    pictures: usize,
}

impl Screen {
    /// Opens the demo's page, in Berlin.
    pub(crate) async fn opens(demo: &Demo, device: Device) -> anyhow::Result<Self> {
        let mut chromium = Chromium::starts().await?;
        chromium
            .call("Emulation.setDeviceMetricsOverride", device.metrics())
            .await?;
        if device == Device::Phone {
            let touch = json!({"enabled": true, "maxTouchPoints": 1});
            chromium
                .call("Emulation.setTouchEmulationEnabled", touch)
                .await?;
        }
        let zone = json!({"timezoneId": "Europe/Berlin"});
        chromium.call("Emulation.setTimezoneOverride", zone).await?;
        let eyes = json!({"source": include_str!("eyes.js")});
        chromium
            .call("Page.addScriptToEvaluateOnNewDocument", eyes)
            .await?;
        chromium
            .call("Page.navigate", json!({"url": demo.address}))
            .await?;
        Ok(Self {
            chromium,
            device,
            taps: 0,
            pictures: 0,
        })
    }

    pub(crate) fn is_phone(&self) -> bool {
        self.device == Device::Phone
    }

    /// Presses a button, a link or an item of a menu that is in the window now or soon.
    pub(crate) async fn presses(&mut self, label: &str) -> anyhow::Result<()> {
        self.presses_in("body", label).await
    }

    /// Presses something among the messages, not in the box below them.
    pub(crate) async fn presses_in_the_channel(&mut self, label: &str) -> anyhow::Result<()> {
        self.presses_in(".message", label).await
    }

    async fn presses_in(&mut self, region: &str, label: &str) -> anyhow::Result<()> {
        let look = format!(
            "eyes.reachable({}, {PATIENCE_MS}, {})",
            json!(label),
            json!(region)
        );
        let spot = self.chromium.evaluate(&look).await?;
        if spot.is_null() {
            return Err(self
                .lost(&format!("*{label}* is nowhere to be pressed"))
                .await);
        }
        self.taps += 1;
        self.touches(&spot).await
    }

    /// Presses the one control of a kind, whatever its words are just now.
    async fn presses_the(&mut self, kind: &str) -> anyhow::Result<()> {
        let look = format!("eyes.reachableOne({}, {PATIENCE_MS})", json!(kind));
        let spot = self.chromium.evaluate(&look).await?;
        if spot.is_null() {
            return Err(self.lost(&format!("{kind} cannot be pressed")).await);
        }
        self.taps += 1;
        self.touches(&spot).await
    }

    async fn touches(&mut self, spot: &Value) -> anyhow::Result<()> {
        let (x, y) = (&spot["x"], &spot["y"]);
        if self.device == Device::Phone {
            let down = json!({"type": "touchStart", "touchPoints": [{"x": x, "y": y}]});
            self.chromium.call("Input.dispatchTouchEvent", down).await?;
            let up = json!({"type": "touchEnd", "touchPoints": []});
            self.chromium.call("Input.dispatchTouchEvent", up).await?;
            return Ok(());
        }
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1});
            self.chromium
                .call("Input.dispatchMouseEvent", event)
                .await?;
        }
        Ok(())
    }

    /// Puts text into a box, known by the beginning of its label.
    pub(crate) async fn fills(&mut self, label: &str, text: &str) -> anyhow::Result<()> {
        let look = format!("eyes.field({}, {PATIENCE_MS})", json!(label));
        let spot = self.chromium.evaluate(&look).await?;
        if spot.is_null() {
            return Err(self.lost(&format!("there is no box for *{label}*")).await);
        }
        self.touches(&spot).await?;
        self.chromium
            .call("Input.insertText", json!({"text": text}))
            .await
            .map(|_| ())
    }

    /// Writes into the channel.
    pub(crate) async fn writes(&mut self, text: &str) -> anyhow::Result<()> {
        self.fills("Message ", text).await?;
        if self.is_phone() {
            let look = format!("eyes.reachable(\"Send\", {PATIENCE_MS})");
            let spot = self.chromium.evaluate(&look).await?;
            self.touches(&spot).await
        } else {
            self.strikes("Enter").await
        }
    }

    /// Opens the menu of the message with these words.
    pub(crate) async fn opens_the_menu_of(&mut self, words: &str) -> anyhow::Result<()> {
        let look = format!("eyes.spotOf({}, {PATIENCE_MS})", json!(words));
        let spot = self.chromium.evaluate(&look).await?;
        if spot.is_null() {
            return Err(self.lost(&format!("nobody wrote “{words}”")).await);
        }
        self.touches(&spot).await?;
        self.presses_in_the_channel("More").await
    }

    /// Presses a key.
    pub(crate) async fn strikes(&mut self, key: &str) -> anyhow::Result<()> {
        let text = if key == "Enter" { "\r" } else { "" };
        let code = match key {
            "Enter" => 13,
            "Escape" => 27,
            _ => 0,
        };
        for kind in ["keyDown", "keyUp"] {
            let event = json!({
                "type": kind, "key": key, "code": key, "text": text, "windowsVirtualKeyCode": code,
            });
            self.chromium.call("Input.dispatchKeyEvent", event).await?;
        }
        Ok(())
    }

    /// Whether the words can be read in the window right now.
    pub(crate) async fn shows(&mut self, words: &str) -> anyhow::Result<bool> {
        let look = format!("eyes.reads({}, 0)", json!(words));
        Ok(self.chromium.evaluate(&look).await? == json!(true))
    }

    /// Waits until the words can be read in the window, without scrolling.
    pub(crate) async fn sees(&mut self, words: &str) -> anyhow::Result<()> {
        let look = format!("eyes.reads({}, {PATIENCE_MS})", json!(words));
        if self.chromium.evaluate(&look).await? == json!(true) {
            return Ok(());
        }
        Err(self.lost(&format!("“{words}” is not in the window")).await)
    }

    /// Holds the buttons in the window to these, in this order, one row after the other; others may stand around them.
    pub(crate) async fn offers(&mut self, labels: &[&str]) -> anyhow::Result<()> {
        let buttons = self.chromium.evaluate("eyes.buttons()").await?;
        let buttons: Vec<String> = serde_json::from_value(buttons)?;
        ensure!(
            buttons.windows(labels.len()).any(|shown| shown == labels),
            "{labels:?} are not offered, but {buttons:?}"
        );
        Ok(())
    }

    /// Scrolls to some words, as one does in a long file.
    pub(crate) async fn scrolls_to(&mut self, words: &str) -> anyhow::Result<()> {
        let look = format!("eyes.scrollTo({})", json!(words));
        if self.chromium.evaluate(&look).await? == json!(true) {
            return Ok(());
        }
        Err(self
            .lost(&format!("“{words}” is nowhere on the page"))
            .await)
    }

    /// Starts to count presses.
    pub(crate) fn counts_from_here(&mut self) {
        self.taps = 0;
    }

    /// Holds the presses since the last count to what they may be.
    pub(crate) fn took(&mut self, taps: usize, what: &str) -> anyhow::Result<()> {
        let counted = std::mem::take(&mut self.taps);
        ensure!(
            counted == taps,
            "{what} took {counted} presses instead of {taps}"
        );
        Ok(())
    }

    /// Becomes somebody else.
    pub(crate) async fn becomes(&mut self, name: &str) -> anyhow::Result<()> {
        let region = if self.is_phone() {
            self.presses_the(".you").await?;
            "[aria-label=\"Be somebody else\"]"
        } else {
            "[aria-label=\"Who you are\"]"
        };
        self.presses_in(region, name).await?;
        let now = format!(
            "document.getElementById('announcer').innerText.includes({})",
            json!(format!("You are {name} now"))
        );
        self.waits(&now, &format!("{name} is not who one is")).await
    }

    /// Opens a channel from the list.
    pub(crate) async fn goes_to(&mut self, channel: &str) -> anyhow::Result<()> {
        if self.is_phone() {
            self.presses("Channels").await?;
        }
        self.presses_in("[aria-label=Channels]", channel).await?;
        let heading = format!(
            "document.querySelector('h1').innerText.includes({})",
            json!(channel)
        );
        self.waits(&heading, &format!("{channel} does not open"))
            .await
    }

    async fn waits(&mut self, condition: &str, otherwise: &str) -> anyhow::Result<()> {
        let look = format!("eyes.until(() => {condition}, {PATIENCE_MS})");
        if self.chromium.evaluate(&look).await? == json!(true) {
            return Ok(());
        }
        Err(self.lost(otherwise).await)
    }

    /// Takes a picture, and holds the page as it is now to what every screen owes its reader.
    pub(crate) async fn looks(&mut self, at: &str) -> anyhow::Result<()> {
        self.takes_a_picture(at).await?;
        let flaws = self.chromium.evaluate("eyes.flaws()").await?;
        let flaws: Vec<String> = serde_json::from_value(flaws)?;
        ensure!(flaws.is_empty(), "{at}: {}", flaws.join("; "));
        let complaints = &self.chromium.complaints;
        ensure!(complaints.is_empty(), "{at}: {}", complaints.join("; "));
        Ok(())
    }

    async fn takes_a_picture(&mut self, of: &str) -> anyhow::Result<()> {
        self.pictures += 1;
        let shown = json!({"format": "png"});
        let shown = self.chromium.call("Page.captureScreenshot", shown).await?;
        let data = shown["data"].as_str().context("a picture")?;
        let folder = pictures()?;
        let name = format!("{}-{:02}-{of}.png", self.device.name(), self.pictures);
        std::fs::write(
            folder.join(name),
            base64::engine::general_purpose::STANDARD.decode(data)?,
        )
        .context("the picture cannot be kept")
    }

    /// An error with a picture of the screen, and its words.
    async fn lost(&mut self, why: &str) -> anyhow::Error {
        let _ = self.takes_a_picture("LOST").await;
        let words = self.chromium.evaluate("eyes.words()").await;
        let words = words
            .ok()
            .and_then(|words| words.as_str().map(str::to_owned));
        let complaints = self.chromium.complaints.join("\n");
        anyhow::anyhow!(
            "on the {}: {why}. The screen says:\n{}\n{complaints}",
            self.device.name(),
            words.unwrap_or_default()
        )
    }
}

/// Where the pictures go: `target/screenshots`.
fn pictures() -> anyhow::Result<PathBuf> {
    let temporary = PathBuf::from_str(env!("CARGO_TARGET_TMPDIR"))?;
    let folder = temporary
        .parent()
        .context("the target folder")?
        .join("screenshots");
    std::fs::create_dir_all(&folder).context("target/screenshots cannot be made")?;
    Ok(folder)
}
