//! The night, played by itself: the same people, buttons and words as a person would use, over the same wires.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use bridgewatch_core::ids::IncidentId;
use chrono::TimeDelta;
use discord_sim::{Form, MessageView, Person, Reply};

use super::stage::Stage;

/// How long one step of the play may take, in real time.
const PATIENCE: Duration = Duration::from_secs(20);

/// Plays the night and gives the report: the transcript of the channel, the stakeholders' channel, the postmortem.
pub(super) async fn play(stage: &Stage) -> anyhow::Result<String> {
    let night = Night { stage };
    night.the_alerts_fire().await?;
    night.the_team_gathers().await?;
    night.they_find_it().await?;
    night.they_stop_the_damage().await?;
    night.they_fix_it().await?;
    night.it_is_over().await?;
    night.they_learn().await?;
    let mut report = transcript(stage);
    let postmortem = stage
        .app
        .desk()
        .store()
        .postmortem(IncidentId(1), None)
        .await?;
    let postmortem = postmortem.context("the incident has a postmortem")?;
    write!(
        report,
        "\n===== The postmortem, version {} =====\n\n{}",
        postmortem.version, postmortem.markdown
    )?;
    Ok(report)
}

/// What the incident's channel and the stakeholders' channel say, oldest first.
pub(super) fn transcript(stage: &Stage) -> String {
    let mut text = String::new();
    for channel in stage.discord.channels() {
        let wanted = channel.name.starts_with("inc-")
            || channel.name == "status-internal"
            || channel.name == "incidents";
        if !wanted || channel.kind != discord_sim::ChannelKind::Text {
            continue;
        }
        let _ = writeln!(text, "\n===== #{} =====\n", channel.name);
        for message in stage.discord.messages(channel.id) {
            let _ = writeln!(text, "{}", line_of(&message));
        }
    }
    text
}

fn line_of(message: &MessageView) -> String {
    let mut said = message.text();
    for file in &message.attachments {
        said.push_str(&format!("\n[file: {}]", file.filename));
    }
    let said = in_words(&said).replace('\n', "\n                   ");
    let pinned = if message.kind == 6 {
        "(pinned a message)"
    } else {
        ""
    };
    let reactions: String = message
        .reactions
        .iter()
        .map(|reaction| format!(" {}", reaction.emoji))
        .collect();
    format!(
        "{} {:<12} {said}{pinned}{reactions}",
        message.timestamp.format("%H:%M"),
        message.author.name
    )
}

/// Discord's timestamps as times, so that a terminal can show them.
fn in_words(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<t:") {
        result.push_str(before);
        let Some((token, tail)) = after.split_once('>') else {
            break;
        };
        let unix = token.split(':').next().and_then(|unix| unix.parse().ok());
        match unix.and_then(|unix| chrono::DateTime::from_timestamp(unix, 0)) {
            Some(at) => result.push_str(&at.format("%H:%M").to_string()),
            None => result.push_str(token),
        }
        rest = tail;
    }
    result.push_str(rest);
    result
}

struct Night<'a> {
    stage: &'a Stage,
}

impl Night<'_> {
    fn person(&self, login: &str) -> anyhow::Result<Person> {
        self.stage
            .discord
            .person(login)
            .ok_or_else(|| anyhow!("nobody is called {login}"))
    }

    fn channel(&self) -> anyhow::Result<u64> {
        self.stage
            .discord
            .channels()
            .into_iter()
            .find(|channel| channel.name.starts_with("inc-0001"))
            .map(|channel| channel.id)
            .context("the incident has a channel")
    }

    /// Waits until something is there to be seen.
    async fn until<T>(&self, what: &str, look: impl Fn() -> Option<T>) -> anyhow::Result<T> {
        let mut changes = self.stage.discord.changes();
        let waiting = async {
            loop {
                changes.borrow_and_update();
                if let Some(found) = look() {
                    return found;
                }
                let tick = tokio::time::timeout(Duration::from_millis(250), changes.changed());
                let _ = tick.await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting)
            .await
            .map_err(|_| anyhow!("waited in vain for {what}"))
    }

    /// The newest message of the incident's channel that somebody can press this on.
    async fn with_button(&self, button: &str) -> anyhow::Result<u64> {
        let channel = self.until("the channel", || self.channel().ok()).await?;
        self.until(&format!("a message with *{button}*"), || {
            self.stage
                .discord
                .messages(channel)
                .into_iter()
                .rev()
                .find(|message| has_button(message, button))
        })
        .await
        .map(|message| message.id)
    }

    async fn presses(&self, login: &str, button: &str) -> anyhow::Result<Reply> {
        let message = self.with_button(button).await?;
        self.presses_on(login, message, button).await
    }

    async fn presses_on(&self, login: &str, message: u64, button: &str) -> anyhow::Result<Reply> {
        let reply = self.person(login)?.click(message, button).await;
        reply.map_err(|refused| anyhow!("{login} presses *{button}*: {refused:?}"))
    }

    /// Presses a button on the private answer to an earlier press.
    async fn then_presses(
        &self,
        login: &str,
        reply: &Reply,
        button: &str,
    ) -> anyhow::Result<Reply> {
        match reply {
            Reply::Message(message) | Reply::Updated(message) if has_button(message, button) => {
                self.presses_on(login, message.id, button).await
            }
            other => bail!("{login} would press *{button}*, but was answered: {other:?}"),
        }
    }

    async fn fills_in(
        &self,
        login: &str,
        reply: &Reply,
        answers: &[(&str, &str)],
    ) -> anyhow::Result<Reply> {
        let Reply::Form(form) = reply else {
            bail!("{login} expected a form, but was answered: {reply:?}")
        };
        let form: &Form = form;
        let answer = self.person(login)?.submit(form, answers).await;
        answer.map_err(|refused| anyhow!("{login} fills in {}: {refused:?}", form.title))
    }

    fn says(&self, login: &str, text: &str) -> anyhow::Result<u64> {
        let channel = self.channel()?;
        self.person(login)?
            .say(channel, text)
            .map_err(|refused| anyhow!("{login} says: {refused:?}"))
    }

    /// Waits until the bot has marked a message as stored.
    async fn stored(&self, message: u64) -> anyhow::Result<()> {
        let channel = self.channel()?;
        self.until("the mark under a message", || {
            self.stage
                .discord
                .messages(channel)
                .into_iter()
                .find(|known| known.id == message)
                .filter(|known| {
                    known
                        .reactions
                        .iter()
                        .any(|reaction| reaction.emoji.contains('📌'))
                })
        })
        .await
        .map(|_| ())
    }

    async fn notes(&self, login: &str, text: &str) -> anyhow::Result<()> {
        let message = self.says(login, text)?;
        self.stored(message).await
    }

    async fn later(&self, minutes: i64) {
        self.stage.advance(TimeDelta::minutes(minutes)).await;
    }

    /// Waits until the board says something.
    async fn board_says(&self, words: &str) -> anyhow::Result<()> {
        let channel = self.until("the channel", || self.channel().ok()).await?;
        self.until(&format!("a board that says `{words}`"), || {
            self.stage
                .discord
                .messages(channel)
                .into_iter()
                .find(|message| message.pinned && line_of(message).contains(words))
        })
        .await
        .map(|_| ())
    }

    async fn channel_says(&self, words: &str) -> anyhow::Result<()> {
        let channel = self.channel()?;
        self.until(&format!("a line that says `{words}`"), || {
            self.stage
                .discord
                .messages(channel)
                .into_iter()
                .find(|message| line_of(message).contains(words))
        })
        .await
        .map(|_| ())
    }

    async fn direct_button(&self, login: &str, button: &str) -> anyhow::Result<u64> {
        let person = self.person(login)?;
        self.until(
            &format!("a direct message to {login} with *{button}*"),
            || {
                let channel = person.dm_channel()?;
                person
                    .visible_messages(channel)
                    .into_iter()
                    .rev()
                    .find(|message| has_button(message, button))
            },
        )
        .await
        .map(|message| message.id)
    }

    async fn the_alerts_fire(&self) -> anyhow::Result<()> {
        self.stage.fire().await?;
        let page = self.direct_button("sam", "Take it").await?;
        self.board_says("SEV1").await?;
        self.presses_on("sam", page, "Take it").await?;
        self.board_says("Rapid Diagnosis").await
    }

    async fn the_team_gathers(&self) -> anyhow::Result<()> {
        self.later(2).await;
        self.channel_says("automatic first note").await?;
        self.notes("sam", "obs: release 2026.11.3 went out 02:41")
            .await?;
        let proposal = self.direct_button("mo", "Accept").await?;
        self.presses_on("mo", proposal, "Accept").await?;
        self.presses("sam", "Yes, hand it over").await?;
        self.board_says("👑 Bridge").await?;
        for login in ["kim", "ada", "fay"] {
            let proposal = self.direct_button(login, "Accept").await?;
            self.presses_on(login, proposal, "Accept").await?;
        }
        self.presses("sam", "Done").await.map(|_| ())
    }

    async fn they_find_it(&self) -> anyhow::Result<()> {
        self.later(3).await;
        self.notes("sam", "obs: 100/100 connections, most from ai-worker")
            .await?;
        self.notes(
            "fay",
            "@02:57 imp: many users cannot order; blank page for some",
        )
        .await?;
        let more = self.presses("sam", "More…").await?;
        let form = self.then_presses("sam", &more, "We think it is…").await?;
        self.fills_in(
            "sam",
            &form,
            &[(
                "text",
                "AI workers hold DB connections since the 02:41 release",
            )],
        )
        .await?;
        self.board_says("BELIEF").await?;
        let more = self.presses("mo", "More…").await?;
        let form = self.then_presses("mo", &more, "Impact").await?;
        self.fills_in(
            "mo",
            &form,
            &[("text", "Many users cannot order; AI features do not run")],
        )
        .await?;
        self.board_says("Many users cannot order").await
    }

    async fn they_stop_the_damage(&self) -> anyhow::Result<()> {
        self.later(2).await;
        self.presses("sam", "Start mitigating").await?;
        self.board_says("Mitigation & Containment").await?;
        self.notes("sam", "act: AI features off, cached data on")
            .await?;
        let card = self.presses("mo", "Update").await?;
        let form = self.then_presses("mo", &card, "Estimate…").await?;
        let answers = [
            ("range", "15-30"),
            ("basis", "the rollback takes ten minutes"),
            ("confidence", "likely"),
        ];
        self.fills_in("mo", &form, &answers).await?;
        let card = self.presses("mo", "Update").await?;
        self.then_presses("mo", &card, "Send").await?;
        self.channel_says("Update 2 went out").await?;
        self.later(5).await;
        self.notes("sam", "obs: connections 62, 5xx 9%").await?;
        self.notes(
            "mo",
            "dec: roll back 02:41, it correlates and is reversible",
        )
        .await?;
        self.notes("ada", "act: rollback to 2026.11.2 done").await?;
        self.says(
            "ada",
            "restarted the AI workers in batches of 50, queue is draining",
        )?;
        self.later(10).await;
        self.stage.clear(0..2).await?;
        self.board_says("2 of 3 clear").await
    }

    async fn they_fix_it(&self) -> anyhow::Result<()> {
        self.presses("sam", "Impact over → fix it properly").await?;
        self.board_says("Resolution – fix").await?;
        self.later(3).await;
        self.notes(
            "ada",
            "act: inference client has its timeout back, pool limit set",
        )
        .await?;
        self.presses("sam", "Fix applied").await?;
        self.board_says("Resolution – validation").await?;
        self.stage.clear(2..3).await?;
        self.board_says("3 of 3 clear").await?;
        let card = self.presses("sam", "All steps").await?;
        if let Reply::Message(list) | Reply::Updated(list) = &card {
            let values = options_of(list);
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            if !values.is_empty() {
                let ticked = self
                    .person("sam")?
                    .select(list.id, "Tick several…", &values)
                    .await;
                ticked.map_err(|refused| anyhow!("sam ticks the validation list: {refused:?}"))?;
            }
        }
        Ok(())
    }

    async fn it_is_over(&self) -> anyhow::Result<()> {
        self.later(16).await;
        let answer = self.presses("mo", "Resolve").await?;
        if let Reply::Message(card) | Reply::Updated(card) = &answer
            && has_button(card, "Resolve anyway")
        {
            self.then_presses("mo", &answer, "Resolve anyway").await?;
        }
        self.board_says("Postmortem & Learning").await?;
        let draft = self.presses("mo", "All-clear").await?;
        self.then_presses("mo", &draft, "Send: nothing lost")
            .await?;
        self.channel_says("The all-clear went out").await?;
        self.channel_says("Postmortem draft").await
    }

    async fn they_learn(&self) -> anyhow::Result<()> {
        self.later(30).await;
        let channel = self.channel()?;
        let offer = self
            .until("the offer of unmarked facts", || {
                self.stage
                    .discord
                    .messages(channel)
                    .into_iter()
                    .find(|message| !options_of(message).is_empty())
            })
            .await?;
        let first = options_of(&offer)
            .into_iter()
            .next()
            .context("the offer has an option")?;
        let picked = self
            .person("kim")?
            .select(offer.id, "Add to the timeline…", &[&first])
            .await;
        picked.map_err(|refused| anyhow!("kim picks a fact: {refused:?}"))?;
        let form = self.presses("kim", "Cause and factors").await?;
        let answers = [
            ("trigger", "Release 2026.11.3 at 02:41"),
            (
                "cause",
                "The release removed the timeout of the inference client; hanging AI workers held every database connection",
            ),
            (
                "factors",
                "The queue alert watched length, not age\nNo limit on connections per worker\nThe release went out at night",
            ),
            ("kept", "AI features can be switched off with one flag"),
        ];
        self.fills_in("kim", &form, &answers).await?;
        for (kind, title) in [
            (
                "threshold",
                "Alert when the connection pool is above 80 % for 2 minutes",
            ),
            (
                "playbook",
                "Put \"AI features off\" first in the mitigation steps",
            ),
            ("observability", "Measure how long an AI task hangs"),
        ] {
            let kinds = self.presses("kim", "Add action").await?;
            let form = self.then_presses("kim", &kinds, kind).await?;
            self.fills_in(
                "kim",
                &form,
                &[("title", title), ("owner", "me"), ("due", "4w")],
            )
            .await?;
        }
        self.board_says("actions (3)").await?;
        self.presses("mo", "Reviewed").await?;
        self.board_says("☑ reviewed").await?;
        let closed = self.presses("mo", "Close").await?;
        if let Reply::Message(card) = &closed
            && card.content.contains("Before")
        {
            bail!("it could not be closed: {}", line_of(card));
        }
        self.channel_says("is closed").await
    }
}

fn has_button(message: &MessageView, wanted: &str) -> bool {
    message
        .buttons()
        .any(|button| button.label == wanted && !button.disabled)
}

fn options_of(message: &MessageView) -> Vec<String> {
    message
        .selects()
        .flat_map(|select| &select.options)
        .map(|option| option.value.clone())
        .collect()
}
