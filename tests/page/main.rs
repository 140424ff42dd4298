//! The demo's page in a real browser: one person after the other gets through the night by what can be read and pressed,
//! at a desk and on a phone. The pictures are in `target/screenshots`.
//!
//! This binary links neither the service nor the local Discord: it has what a person has, the program and a browser.

mod chromium;
mod demo;
mod night;
mod screen;

use demo::Demo;
use screen::{Device, Screen};

#[tokio::test]
async fn people_get_through_the_night_at_a_desk() -> anyhow::Result<()> {
    let demo = Demo::starts()?;
    night::passes(&mut Screen::opens(&demo, Device::Desk).await?).await
}

#[tokio::test]
async fn people_get_through_the_night_on_a_phone() -> anyhow::Result<()> {
    let demo = Demo::starts()?;
    night::passes(&mut Screen::opens(&demo, Device::Phone).await?).await
}
