//! Looking for a word where it must not stand: in everything that leaves the bot and is not for those inside.

use serde_json::Value;

use super::{Room, Sink, World};

/// Where a secret may stand: an incident's channel, and the direct messages of its circle.
pub struct Inside {
    channels: Vec<u64>,
    /// What was asked of Discord before this request was before the secret.
    since: u64,
    /// The interactions of those inside end here; what is answered later is answered to others.
    outsiders_since: Option<u64>,
}

impl Inside {
    /// From now on the word may stand only here.
    pub fn of(world: &World, channel: &Room<'_>) -> Self {
        Self {
            channels: vec![channel.id],
            since: world.discord().request_count(),
            outsiders_since: None,
        }
    }

    /// The same from the beginning of the night.
    pub fn since_the_beginning(mut self) -> Self {
        self.since = 0;
        self
    }

    /// In these direct messages, too.
    pub fn and_with(mut self, channel: Option<u64>) -> Self {
        self.channels.extend(channel);
        self
    }

    /// From now on only people outside press and type.
    pub fn outsiders_come(&mut self, world: &World) {
        self.outsiders_since = Some(world.discord().request_count());
    }
}

impl World {
    /// None of these words stands anywhere but inside.
    pub async fn expect_no_trace(&self, words: &[&str], inside: &Inside, sinks: &[&Sink]) {
        for word in words {
            self.expect_no_trace_in_requests(word, inside);
            self.expect_no_trace_on_screens(word, inside);
            for sink in sinks {
                for posted in sink.posted() {
                    self.expect_without(word, &posted.body.to_string(), "a webhook outside");
                }
            }
            self.expect_without(word, &self.log.newest(usize::MAX), "the log");
            for path in ["metrics", "healthz", "readyz"] {
                let answer = reqwest::get(format!("{}/{path}", self.intake())).await;
                let text = answer.expect("the server answers").text().await;
                self.expect_without(word, &text.expect("a text"), path);
            }
        }
    }

    fn expect_no_trace_in_requests(&self, word: &str, inside: &Inside) {
        for request in self.discord().requests() {
            if request.number <= inside.since {
                continue;
            }
            let is_answer = request.route.starts_with("/interactions")
                || request.route.starts_with("/webhooks");
            let to_outsiders = inside
                .outsiders_since
                .is_some_and(|since| request.number > since);
            let in_their_rooms = request
                .major_id
                .as_deref()
                .and_then(|id| id.parse().ok())
                .is_some_and(|id: u64| inside.channels.contains(&id));
            // Names and topics are in everybody's list, also of a channel that they cannot open.
            let is_a_list = !request.route.contains("/messages");
            let may = if is_answer {
                !to_outsiders
            } else {
                in_their_rooms && !is_a_list
            };
            if !may {
                let asked = format!("{} {}", request.path, request.request);
                let place = format!("{} {}", request.method, request.route);
                self.expect_without(word, &asked, &place);
            }
        }
    }

    fn expect_no_trace_on_screens(&self, word: &str, inside: &Inside) {
        for channel in self.discord().channels() {
            self.expect_without(word, &channel.name, "the list of channels");
            if inside.channels.contains(&channel.id) {
                continue;
            }
            for message in self.discord().messages(channel.id) {
                self.expect_without(word, &message.text(), &format!("#{}", channel.name));
            }
        }
    }

    fn expect_without(&self, word: &str, text: &str, place: &str) {
        if text.to_lowercase().contains(&word.to_lowercase()) {
            self.fail(&format!("`{word}` stands in {place}:\n{text}"));
        }
    }

    /// What is offered to somebody who types this line.
    pub async fn is_offered(&self, who: &super::Person<'_>, line: &str) -> String {
        let channel = self.channel("general").id;
        let choices = who.in_discord().complete(channel, line).await;
        let choices = choices.unwrap_or_else(|refused| self.fail(&refused.to_string()));
        Value::from(
            choices
                .into_iter()
                .map(|(name, value)| format!("{name} = {value}"))
                .collect::<Vec<_>>(),
        )
        .to_string()
    }
}
