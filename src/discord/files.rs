//! Attached files, read from where Discord keeps them.
//!
//! A link comes out of a message, so it is a stranger's text until it is known to lead to Discord: its host is one of two,
//! or that of the configured stand-in; it is not followed anywhere else; and it is read up to a limit and no further.

use std::time::Duration;

use async_trait::async_trait;
use bridgewatch_core::ports::{FileReader, NotRead};
use reqwest::{StatusCode, Url};
use tokio::sync::Semaphore;

/// Where Discord keeps files.
const HOSTS: [&str; 2] = ["cdn.discordapp.com", "media.discordapp.net"];

/// How long the reading of one file may take, once it is its turn. Shorter than the lease of the effect that asks for it.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// How many are read at once. One that was read is held in memory until it is written down, so there may be one more for each
/// that is being written.
const AT_ONCE: usize = 2;

/// Reads attached files.
#[derive(Debug)]
pub struct DiscordFiles {
    client: reqwest::Client,
    /// A local stand-in for Discord; `None` for Discord itself.
    stand_in: Option<Url>,
    turns: Semaphore,
}

impl DiscordFiles {
    /// Reads from Discord; where `api_url` is a local stand-in, from that too.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(api_url: &str) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .user_agent(concat!("Bridgewatch/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(3))
            .timeout(REQUEST_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            client,
            stand_in: Url::parse(api_url)
                .ok()
                .filter(|url| url.host_str() != Some("discord.com")),
            turns: Semaphore::new(AT_ONCE),
        })
    }

    /// The address of a link that leads to Discord.
    fn trusted(&self, link: &str) -> Option<Url> {
        let url = Url::parse(link).ok()?;
        let is_plain = url.username().is_empty() && url.password().is_none();
        let is_discord = url.scheme() == "https"
            && url.port().is_none()
            && url.host_str().is_some_and(|host| HOSTS.contains(&host));
        let is_stand_in = self
            .stand_in
            .as_ref()
            .is_some_and(|stand_in| stand_in.origin() == url.origin());
        (is_plain && (is_discord || is_stand_in)).then_some(url)
    }
}

#[async_trait]
impl FileReader for DiscordFiles {
    async fn read(&self, link: &str, most_bytes: u64) -> Result<Vec<u8>, NotRead> {
        if link.is_empty() {
            return Err(NotRead::Expired);
        }
        let Some(url) = self.trusted(link) else {
            return Err(NotRead::Refused {
                why: "its link does not lead to Discord".to_owned(),
            });
        };
        let retry = |error: reqwest::Error| NotRead::Retry {
            why: format!("a file was not sent: {}", error.without_url()),
        };
        let _turn = self.turns.acquire().await.map_err(|_| NotRead::Retry {
            why: "the service is stopping".to_owned(),
        })?;
        let mut answer = self.client.get(url).send().await.map_err(retry)?;
        match answer.status() {
            StatusCode::OK => {}
            // Discord answers 404 to a link whose time is over, and 403 to one whose signature is wrong.
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN | StatusCode::GONE => {
                return Err(NotRead::Expired);
            }
            status
                if status.is_server_error()
                    || matches!(
                        status,
                        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
                    ) =>
            {
                return Err(NotRead::Retry {
                    why: format!("Discord answered {status} instead of a file"),
                });
            }
            status => {
                return Err(NotRead::Refused {
                    why: format!("Discord answered {status}"),
                });
            }
        }
        if answer
            .content_length()
            .is_some_and(|size| size > most_bytes)
        {
            return Err(NotRead::TooLarge);
        }
        let mut bytes = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(retry)? {
            bytes.extend_from_slice(&part);
            if bytes.len() as u64 > most_bytes {
                return Err(NotRead::TooLarge);
            }
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a link is followed.
    fn trusts(api_url: &str, link: &str) -> bool {
        let files = DiscordFiles::new(api_url).expect("TLS is there");
        files.trusted(link).is_some()
    }

    #[test]
    fn only_links_to_discord_are_followed() {
        for link in [
            "https://cdn.discordapp.com/attachments/1/2/graph.png?ex=1&is=2&hm=3",
            "https://media.discordapp.net/attachments/1/2/graph.png",
            "https://CDN.discordapp.com/attachments/1/2/graph.png",
        ] {
            assert!(trusts("https://discord.com", link), "{link}");
        }
        for link in [
            "http://cdn.discordapp.com/attachments/1/2/graph.png",
            "https://cdn.discordapp.com:8443/attachments/1/2/graph.png",
            "https://cdn.discordapp.com.evil.example/attachments/1/2/graph.png",
            "https://evil.example/cdn.discordapp.com/graph.png",
            "https://cdn.discordapp.com@169.254.169.254/latest/meta-data",
            "https://169.254.169.254/latest/meta-data",
            "https://discord.com/api/v10/users/@me",
            "http://127.0.0.1:9095/metrics",
            "file:///etc/passwd",
            "not a link",
        ] {
            assert!(!trusts("https://discord.com", link), "{link}");
        }
    }

    #[test]
    fn a_stand_in_is_trusted_for_its_own_files_alone() {
        let stand_in = "http://127.0.0.1:8765";
        assert!(trusts(
            stand_in,
            "http://127.0.0.1:8765/attachments/1/2/graph.png"
        ));
        assert!(!trusts(
            stand_in,
            "http://127.0.0.1:8766/attachments/1/2/graph.png"
        ));
        assert!(!trusts(
            stand_in,
            "https://127.0.0.1:8765/attachments/1/2/graph.png"
        ));
    }

    #[tokio::test]
    async fn a_link_that_leads_elsewhere_is_not_asked_for() {
        let files = DiscordFiles::new("https://discord.com").expect("TLS is there");
        let outcome = files.read("http://127.0.0.1:1/secret", 10).await;
        assert!(
            matches!(outcome, Err(NotRead::Refused { .. })),
            "{outcome:?}"
        );
    }
}
