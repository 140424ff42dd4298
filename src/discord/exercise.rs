//! `check --online --exercise`: every kind of call the bot makes, once, in a scratch category that is removed afterwards.
//! The one proof against the real Discord that anybody can run.
//!
//! Nobody is pinged, and nothing outside the scratch category is changed but the slash commands, which are registered as
//! every start of the bot registers them. What the local Discord does is taken for what is expected: a line that says
//! "otherwise" tells where the server that was asked differs from it.

mod calls;
mod messages;
mod scratch;
#[cfg(test)]
mod tests;

use std::fmt;

use anyhow::bail;
use serenity::model::id::{ApplicationId, GuildId, UserId};

use super::chat::{DiscordChat, Named, Places};
use super::error::ApiError;
use super::rest::Rest;
use crate::cli::told_to_stop;
use crate::output::outln;

/// The category everything happens in.
const CATEGORY: &str = "bridgewatch-exercise";

/// What the topics of the scratch channels begin with; only such channels are removed.
const MARK: &str = "[bridgewatch exercise]";

/// Who exercises, and where.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The server.
    pub guild: GuildId,
    /// The bot's application.
    pub application: ApplicationId,
    /// The bot's own user.
    pub bot: UserId,
    /// Who gets a direct message, which is deleted at once; without somebody none is sent.
    pub person: Option<UserId>,
}

/// How the server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    /// As the local Discord does.
    Ok,
    /// It worked, but not quite like that.
    Otherwise(String),
    /// It was not tried, for this reason.
    Skipped(String),
    /// It did not work.
    Failed(String),
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    what: String,
    verdict: Verdict,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, why) = match &self.verdict {
            Verdict::Ok => ("ok", None),
            Verdict::Otherwise(why) => ("otherwise", Some(why)),
            Verdict::Skipped(why) => ("skipped", Some(why)),
            Verdict::Failed(why) => ("FAILED", Some(why)),
        };
        write!(formatter, "exercise: {word:<9}  {}", self.what)?;
        match why {
            Some(why) => write!(formatter, ": {why}"),
            None => Ok(()),
        }
    }
}

/// An exercise under way.
struct Exercise<'a> {
    rest: &'a Rest,
    chat: DiscordChat,
    setting: Setting,
    findings: Vec<Finding>,
    /// Hears of each finding as it is made: on a real Discord an exercise takes its time.
    tell: fn(&Finding),
}

/// Makes every kind of call, and prints where the server answered otherwise than the local Discord does.
///
/// # Errors
/// When a call did not work, or something could not be removed.
pub async fn every_call(rest: &Rest, setting: Setting) -> anyhow::Result<()> {
    let mut exercise = Exercise::new(rest, setting, |finding| outln!("{finding}"));
    let stopped = tokio::select! {
        () = exercise.make_every_call() => false,
        _ = told_to_stop() => true,
    };
    exercise.clean_up().await;
    let failed = exercise.count(|verdict| matches!(verdict, Verdict::Failed(_)));
    let otherwise = exercise.count(|verdict| matches!(verdict, Verdict::Otherwise(_)));
    let ok = exercise.count(|verdict| *verdict == Verdict::Ok);
    outln!("exercise: {ok} as expected, {otherwise} otherwise, {failed} failed");
    if failed > 0 {
        bail!(
            "{failed} of Discord's answers would keep the bot from working; they are listed above"
        );
    }
    if stopped {
        bail!("the exercise was stopped before its end; what it had made is removed");
    }
    Ok(())
}

impl<'a> Exercise<'a> {
    fn new(rest: &'a Rest, setting: Setting, tell: fn(&Finding)) -> Self {
        let places = Places {
            guild_id: setting.guild.get(),
            incident_category: Named::Name(CATEGORY.to_owned()),
            digest: Named::Name(CATEGORY.to_owned()),
            stakeholders: Named::Name(CATEGORY.to_owned()),
            front_desk: false,
        };
        Self {
            rest,
            chat: DiscordChat::new(rest.clone(), places),
            setting,
            findings: Vec::new(),
            tell,
        }
    }

    async fn make_every_call(&mut self) {
        // What an exercise left behind that was killed would be found as if it were this one's.
        self.clean_up().await;
        self.who_and_where().await;
        self.register_commands().await;
        if let Some(channel) = self.open_channels().await {
            self.exercise_messages(channel).await;
            self.exercise_marks(channel).await;
            self.exercise_files(channel).await;
            self.exercise_history(channel).await;
            self.exercise_refusals(channel).await;
            self.lock(channel).await;
        }
        self.direct_message().await;
        self.skip(
            "answers to slash commands, buttons and forms",
            "only a person can cause them: type /inc new and cancel it",
        );
    }

    fn count(&self, wanted: impl Fn(&Verdict) -> bool) -> usize {
        let findings = self.findings.iter();
        findings.filter(|finding| wanted(&finding.verdict)).count()
    }

    fn note(&mut self, what: impl Into<String>, verdict: Verdict) {
        let finding = Finding {
            what: what.into(),
            verdict,
        };
        (self.tell)(&finding);
        self.findings.push(finding);
    }

    fn skip(&mut self, what: &str, why: &str) {
        self.note(what, Verdict::Skipped(why.to_owned()));
    }

    /// A property of an answer: what was expected, and what came.
    fn compare<T: PartialEq + fmt::Debug>(&mut self, what: &str, found: T, expected: T) {
        let verdict = if found == expected {
            Verdict::Ok
        } else {
            Verdict::Otherwise(format!("{found:?} instead of {expected:?}"))
        };
        self.note(what, verdict);
    }

    /// A call that must work; its answer, if it did.
    fn worked<T>(&mut self, what: &str, answer: Result<T, impl fmt::Display>) -> Option<T> {
        match answer {
            Ok(answer) => {
                self.note(what, Verdict::Ok);
                Some(answer)
            }
            Err(error) => {
                self.note(what, Verdict::Failed(error.to_string()));
                None
            }
        }
    }

    /// A call that must be refused with this status and this number of Discord's.
    fn refused<T>(&mut self, what: &str, answer: Result<T, ApiError>, expected: (u16, u32)) {
        let verdict = match answer {
            Ok(_) => Verdict::Otherwise(format!("it worked instead of {expected:?}")),
            Err(ApiError::Refused(refused)) if (refused.status, refused.code) == expected => {
                Verdict::Ok
            }
            Err(error) => Verdict::Otherwise(format!("{error} instead of {expected:?}")),
        };
        self.note(what, verdict);
    }
}
