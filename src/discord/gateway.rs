//! The gateway: one session, opened, kept and opened again. What is heard in it goes to `ears`.

use std::sync::Arc;
use std::time::Duration;

use bridgewatch_commands as commands;
use serenity::all::{Client, GatewayIntents, Http, HttpBuilder};
use tokio::sync::watch;

use super::chat::{DiscordChat, Named};
use super::ears::Ears;
use super::hearing::Hearing;
use super::members::MemberBook;
use crate::clock::{Clock, jittered, monotonic, pause};
use crate::desk::IncidentDesk;
use crate::telemetry;

/// What the bot asks to hear: its server, messages with their text, reactions, and direct messages with buttons.
pub const INTENTS: GatewayIntents = GatewayIntents::GUILDS
    .union(GatewayIntents::GUILD_MESSAGES)
    .union(GatewayIntents::GUILD_MESSAGE_REACTIONS)
    .union(GatewayIntents::MESSAGE_CONTENT);

/// How the session is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// Not connected yet, or trying again.
    Connecting,
    /// Events arrive.
    Connected,
    /// Events arrive, and messages without their text: the message content intent is off.
    ConnectedWithoutContent,
    /// Discord says no until a person mends it, and is asked again by itself; the sentence says why and how to mend it.
    Refused(String),
}

impl SessionState {
    /// Whether events arrive.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        matches!(self, Self::Connected | Self::ConnectedWithoutContent)
    }
}

/// The roles of the server that the configuration names; `None` where it names none.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    /// Who may respond.
    pub responder: Option<Named>,
    /// Who may command.
    pub commander: Option<Named>,
    /// Who decides, like administrators, about what others wrote.
    pub admin: Option<Named>,
}

/// What the gateway is made from.
pub struct GatewayParts {
    /// `https://discord.com`, or a local Discord.
    pub api_url: String,
    /// The bot's token.
    pub token: secrecy::SecretString,
    /// Where requests go.
    pub desk: Arc<IncidentDesk>,
    /// For reading channels again.
    pub chat: Arc<DiscordChat>,
    /// The conversation.
    pub data: commands::Data,
    /// Who is in the server.
    pub members: Arc<MemberBook>,
    /// The roles that say who may respond and who may command.
    pub roles: Roles,
    /// Tells how the session is.
    pub state: watch::Sender<SessionState>,
    /// Counts what is heard.
    pub hearing: Hearing,
    /// The time: one that is stepped ends a wait.
    pub clock: Clock,
}

/// Keeps a session until told to stop. One that Discord refuses is tried again, more and more rarely, until a person has
/// mended the cause: everything that needs no session goes on meanwhile.
pub async fn keep_session(parts: GatewayParts, mut stop: watch::Receiver<bool>) {
    let mut wait = FIRST_WAIT;
    let mut intents = INTENTS;
    // Also a bot that was never let in is one that hears nothing.
    metrics::gauge!(telemetry::GATEWAY_CONNECTED).set(0.0);
    while !*stop.borrow() {
        let (mut client, ears) = match open_session(&parts, intents).await {
            Ok(opened) => opened,
            Err(why) => {
                if parts.chat.rest().status().token_refused {
                    let refused = SessionState::Refused(TOKEN_REFUSED.to_owned());
                    let _ = parts.state.send(refused);
                }
                tracing::warn!(why, "the session cannot be opened yet");
                wait_a_while(wait, &parts.clock, &mut stop).await;
                wait = next_wait(wait, Duration::ZERO, false);
                continue;
            }
        };
        let opened_at = monotonic();
        let shards = Arc::clone(&client.shard_manager);
        let filler = tokio::spawn(Arc::clone(&ears).fill_regularly(stop.clone()));
        let registrar = tokio::spawn(Arc::clone(&ears).register_until_it_is_done(stop.clone()));
        let ended = tokio::select! {
            ended = client.start() => Some(ended),
            _ = stop.changed() => None,
        };
        filler.abort();
        registrar.abort();
        metrics::gauge!(telemetry::GATEWAY_CONNECTED).set(0.0);
        match ended {
            None => {
                // A client that is reconnecting never ends by itself: it gets a moment, and is then left behind.
                let _ = tokio::time::timeout(Duration::from_secs(2), shards.shutdown_all()).await;
                return;
            }
            Some(ended) => {
                let refusal = ended.as_ref().err().and_then(refused_until_mended);
                if is_about_intents(&ended) {
                    if intents == INTENTS {
                        // Discord does not say which is refused; this one has a switch. The next start asks for it again.
                        tracing::warn!(
                            "Discord refuses the message content intent: prefixes are off, everything else goes on"
                        );
                        intents = INTENTS.difference(GatewayIntents::MESSAGE_CONTENT);
                        continue;
                    }
                    intents = INTENTS;
                }
                let state = match refusal {
                    Some(why) => {
                        tracing::error!(
                            why,
                            "Discord refuses the bot; alerts are still taken in and kept, and the session is tried again"
                        );
                        SessionState::Refused(why.to_owned())
                    }
                    None => {
                        let error = ended.err().map(|error| plain(&error));
                        tracing::warn!(error, "the session ended; a new one is opened");
                        SessionState::Connecting
                    }
                };
                let _ = parts.state.send(state);
                wait = next_wait(wait, opened_at.elapsed(), refusal.is_some());
            }
        }
        wait_a_while(wait, &parts.clock, &mut stop).await;
    }
}

/// The wait from which all others grow.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// A session that held so long was a good one.
const GOOD_SESSION: Duration = Duration::from_secs(120);

/// The wait after a good session.
const AFTER_GOOD_SESSION: Duration = Duration::from_secs(3);

/// The longest wait while Discord is away or ends sessions.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The longest wait while Discord refuses the bot: only a person can change that, who then does not wait long for us.
const LONGEST_WAIT_WHILE_REFUSED: Duration = Duration::from_secs(300);

/// How long to wait after a session that held for so long, given the last wait. Discord counts how often a bot identifies
/// in a day: one that is thrown out again and again comes back slowly.
fn next_wait(last: Duration, held: Duration, refused: bool) -> Duration {
    if held > GOOD_SESSION {
        return AFTER_GOOD_SESSION;
    }
    let longest = if refused {
        LONGEST_WAIT_WHILE_REFUSED
    } else {
        LONGEST_WAIT
    };
    (last * 2).min(longest)
}

/// Waits in the machine's time, unless told to stop. A stepped clock ends the wait: it made the time pass.
async fn wait_a_while(wait: Duration, clock: &Clock, stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = pause(jittered(wait)) => {}
        () = clock.stepped() => {}
        _ = stop.changed() => {}
    }
}

/// Everything a session needs of the server, asked before the first event can arrive.
async fn open_session(
    parts: &GatewayParts,
    intents: GatewayIntents,
) -> Result<(Client, Arc<Ears>), String> {
    parts
        .chat
        .reads_messages(intents.contains(GatewayIntents::MESSAGE_CONTENT));
    // Nothing else passes the gate while the token is refused, and it may be good again.
    let rest = parts.chat.rest();
    if rest.status().token_refused {
        rest.current_user()
            .await
            .map_err(|error| error.to_string())?;
    }
    // The client would fall back to the real Discord if this failed inside it, so it is asked here first.
    rest.gateway_url()
        .await
        .map_err(|error| error.to_string())?;
    let mut data = parts.data.clone();
    data.guard.responder_role = role_id(
        &parts.chat,
        parts.roles.responder.as_ref(),
        "discord.responder_role",
    )
    .await?;
    data.guard.commander_role = role_id(
        &parts.chat,
        parts.roles.commander.as_ref(),
        "discord.commander_role",
    )
    .await?;
    data.guard.admin_role = role_id(
        &parts.chat,
        parts.roles.admin.as_ref(),
        "discord.admin_role",
    )
    .await?;
    // Found or made now, so that an incident's channel needs no other call before it.
    if let Err(failure) = parts.chat.ready_places().await {
        tracing::error!(%failure, "a place of the bot cannot be made; it is tried again when it is needed");
    }
    let ears = Arc::new(Ears::new(
        Arc::clone(&parts.desk),
        Arc::clone(&parts.chat),
        data.clone(),
        parts.state.clone(),
        parts.hearing.clone(),
        Arc::clone(&parts.members),
    ));
    let client = build_client(parts, intents, data, Arc::clone(&ears)).await?;
    Ok((client, ears))
}

/// The id of a role. A name that the server does not know opens no session: guessing would let everybody in.
async fn role_id(
    chat: &DiscordChat,
    named: Option<&Named>,
    key: &str,
) -> Result<Option<u64>, String> {
    match named {
        None => Ok(None),
        Some(Named::Id(id)) => Ok(Some(*id)),
        Some(Named::Name(name)) => {
            let guild = chat.guild().map_err(|error| error.to_string())?;
            let roles = chat
                .rest()
                .guild_roles(guild)
                .await
                .map_err(|error| error.to_string())?;
            let found = roles
                .iter()
                .find(|role| role.name.eq_ignore_ascii_case(name))
                .map(|role| role.id.get());
            found.map(Some).ok_or_else(|| {
                format!("{key} names a role that the server does not have: create the role, or correct the name")
            })
        }
    }
}

async fn build_client(
    parts: &GatewayParts,
    intents: GatewayIntents,
    data: commands::Data,
    ears: Arc<Ears>,
) -> Result<Client, String> {
    use secrecy::ExposeSecret as _;
    // A client that never waits for ever.
    let bounded_client = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(3))
        .timeout(Duration::from_secs(10))
        .build()
        .map_err(|error| format!("the client for answers cannot be built: {error}"))?;
    // One code path for the real and the local Discord: our own gate keeps the limits, and interaction answers, all that
    // leaves through this client, are not counted by Discord.
    let http: Http = HttpBuilder::new(parts.token.expose_secret())
        .proxy(&parts.api_url)
        .ratelimiter_disabled(true)
        .client(bounded_client)
        .build();
    let framework = poise::Framework::builder()
        .options(commands::framework_options())
        .initialize_owners(false)
        .setup(move |_, _, _| Box::pin(async move { Ok(data) }))
        .build();
    serenity::client::ClientBuilder::new_with_http(http, intents)
        .framework(framework)
        .raw_event_handler(ears.hearing().clone())
        .event_handler_arc(ears)
        .await
        .map_err(|error| plain(&error))
}

const TOKEN_REFUSED: &str =
    "Discord refuses the bot's token: copy it again from the developer portal (Bot → Reset Token)";

/// Whether Discord refused a session for what it asked to hear.
fn is_about_intents(ended: &Result<(), serenity::Error>) -> bool {
    use serenity::gateway::GatewayError;
    matches!(
        ended,
        Err(serenity::Error::Gateway(
            GatewayError::DisallowedGatewayIntents
        ))
    )
}

/// The close codes that stay the same until a person has mended their cause, in words.
fn refused_until_mended(error: &serenity::Error) -> Option<&'static str> {
    use serenity::gateway::GatewayError;
    match error {
        serenity::Error::Gateway(GatewayError::InvalidAuthentication) => Some(TOKEN_REFUSED),
        serenity::Error::Gateway(GatewayError::DisallowedGatewayIntents) => Some(
            "Discord refuses what the bot asks to hear: switch the message content intent on in the developer portal (Bot → Privileged Gateway \
             Intents → Message Content)",
        ),
        serenity::Error::Gateway(GatewayError::InvalidGatewayIntents) => {
            Some("Discord does not know the intents this build asks for: update the bot")
        }
        _ => None,
    }
}

/// An error of the client without the addresses in it: those of interactions hold a token.
fn plain(error: &serenity::Error) -> String {
    match error {
        serenity::Error::Http(_) => "a request to Discord failed".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The waits that follow one another while sessions end so.
    fn waits(held: Duration, refused: bool) -> Vec<u64> {
        let mut wait = FIRST_WAIT;
        let next = || {
            wait = next_wait(wait, held, refused);
            wait.as_secs()
        };
        std::iter::repeat_with(next).take(10).collect()
    }

    #[test]
    fn a_refused_session_is_tried_again_more_and_more_rarely_but_every_five_minutes() {
        let waits = waits(Duration::from_secs(1), true);
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    }

    #[test]
    fn a_session_that_ends_again_and_again_is_tried_every_minute() {
        let waits = waits(Duration::from_secs(1), false);
        assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60, 60, 60, 60]);
    }

    #[test]
    fn after_a_good_session_the_next_one_comes_soon() {
        let held = Duration::from_secs(3_600);
        assert_eq!(next_wait(Duration::from_secs(300), held, true).as_secs(), 3);
    }
}
