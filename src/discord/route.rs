//! Where a call goes: method, path, and which of Discord's limits it falls under.
//!
//! A route can be shown anywhere: the token of an interaction webhook is part of the path that is sent, never of
//! the text that is printed.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use reqwest::{Method, Url};
use secrecy::{ExposeSecret, SecretString};
use serenity::model::id::{ApplicationId, ChannelId, GuildId, MessageId, UserId};

/// What all calls of one kind have in common; the label of their metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RouteName {
    /// Upper case, `"POST"`.
    pub method: &'static str,
    /// The path with its variable parts named, `"/channels/{channel}/messages"`.
    pub template: &'static str,
    /// Set when Discord keeps a stricter limit for these calls inside the same bucket.
    pub sub_limit: Option<&'static str>,
}

const CURRENT_USER: &str = "/users/@me";

/// One value for a `{name}` of the template.
enum Part {
    /// Channel, guild or webhook: Discord counts each on its own.
    Major(u64),
    Id(u64),
    Text(String),
    Secret(SecretString),
}

/// One call's destination.
#[derive(Clone)]
pub struct Route {
    name: RouteName,
    method: Method,
    segments: Vec<String>,
    query: Vec<(&'static str, String)>,
    shown: String,
    major: Option<u64>,
    with_bot_token: bool,
}

impl Route {
    fn new(method: Method, template: &'static str, parts: Vec<Part>) -> Self {
        let mut hasher = DefaultHasher::new();
        let mut has_major = false;
        let mut with_bot_token = true;
        let mut segments = vec!["api".to_owned(), "v10".to_owned()];
        let mut shown = String::new();
        let mut values = parts.into_iter();
        for segment in template.split('/').filter(|segment| !segment.is_empty()) {
            let value = segment.starts_with('{').then(|| values.next()).flatten();
            let (sent, printed) = match value {
                None => (segment.to_owned(), segment.to_owned()),
                Some(Part::Major(id)) => {
                    has_major = true;
                    id.hash(&mut hasher);
                    (id.to_string(), id.to_string())
                }
                Some(Part::Id(id)) => (id.to_string(), id.to_string()),
                Some(Part::Text(text)) => (text.clone(), text),
                Some(Part::Secret(secret)) => {
                    with_bot_token = false;
                    secret.expose_secret().hash(&mut hasher);
                    (secret.expose_secret().to_owned(), segment.to_owned())
                }
            };
            segments.push(sent);
            shown.push('/');
            shown.push_str(&printed);
        }
        Self {
            name: RouteName {
                method: method_name(&method),
                template,
                sub_limit: None,
            },
            method,
            segments,
            query: Vec::new(),
            shown,
            major: has_major.then(|| hasher.finish()),
            with_bot_token,
        }
    }

    fn with_query(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    fn with_sub_limit(mut self, sub_limit: &'static str) -> Self {
        self.name.sub_limit = Some(sub_limit);
        self
    }

    /// The kind of call, free of ids and secrets.
    pub fn name(&self) -> RouteName {
        self.name
    }

    /// The channel, guild or webhook Discord counts separately, as an opaque number.
    pub(super) fn major(&self) -> Option<u64> {
        self.major
    }

    /// False for interaction webhooks: their token is in the path, and Discord leaves them out of the global limit.
    pub(super) fn with_bot_token(&self) -> bool {
        self.with_bot_token
    }

    /// True for the call that finds out whether the bot token is good; it may leave while others are stopped.
    pub(super) fn checks_token(&self) -> bool {
        self.name.template == CURRENT_USER
    }

    pub(super) fn method(&self) -> Method {
        self.method.clone()
    }

    /// A repeat of a read changes nothing, so a lost answer leaves no doubt behind.
    pub(super) fn only_reads(&self) -> bool {
        self.method == Method::GET
    }

    /// The full address under `base`; `None` when `base` cannot carry a path.
    pub(super) fn url(&self, base: &Url) -> Option<Url> {
        let mut url = base.clone();
        url.path_segments_mut().ok()?.clear().extend(&self.segments);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Some(url)
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name.method, self.shown)
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Route({self})")
    }
}

fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "GET",
    }
}

/// The emoji of a reaction as it stands in a path: the character itself, or `name:id` for a guild's own.
fn emoji(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn channel_part(channel: ChannelId) -> Part {
    Part::Major(channel.get())
}

fn message_part(message: MessageId) -> Part {
    Part::Id(message.get())
}

/// Every destination the bot knows.
impl Route {
    pub(super) fn current_user() -> Self {
        Self::new(Method::GET, CURRENT_USER, vec![])
    }

    pub(super) fn application() -> Self {
        Self::new(Method::GET, "/applications/@me", vec![])
    }

    pub(super) fn gateway() -> Self {
        Self::new(Method::GET, "/gateway", vec![])
    }

    pub(super) fn guild(guild: GuildId) -> Self {
        Self::new(
            Method::GET,
            "/guilds/{guild}",
            vec![Part::Major(guild.get())],
        )
    }

    pub(super) fn guild_channels(method: Method, guild: GuildId) -> Self {
        Self::new(
            method,
            "/guilds/{guild}/channels",
            vec![Part::Major(guild.get())],
        )
    }

    pub(super) fn guild_roles(guild: GuildId) -> Self {
        Self::new(
            Method::GET,
            "/guilds/{guild}/roles",
            vec![Part::Major(guild.get())],
        )
    }

    pub(super) fn guild_member(guild: GuildId, user: UserId) -> Self {
        Self::new(
            Method::GET,
            "/guilds/{guild}/members/{user}",
            vec![Part::Major(guild.get()), Part::Id(user.get())],
        )
    }

    pub(super) fn guild_commands(
        method: Method,
        application: ApplicationId,
        guild: GuildId,
    ) -> Self {
        Self::new(
            method,
            "/applications/{application}/guilds/{guild}/commands",
            vec![Part::Id(application.get()), Part::Major(guild.get())],
        )
    }

    pub(super) fn channel(method: Method, channel: ChannelId) -> Self {
        Self::new(method, "/channels/{channel}", vec![channel_part(channel)])
    }

    /// Discord allows about two edits of name or topic per channel in ten minutes, far fewer than other edits.
    pub(super) fn channel_name_or_topic(channel: ChannelId) -> Self {
        Self::channel(Method::PATCH, channel).with_sub_limit("name or topic")
    }

    pub(super) fn channel_permission(channel: ChannelId, overwrite: u64) -> Self {
        Self::new(
            Method::PUT,
            "/channels/{channel}/permissions/{overwrite}",
            vec![channel_part(channel), Part::Id(overwrite)],
        )
    }

    pub(super) fn messages(method: Method, channel: ChannelId) -> Self {
        Self::new(
            method,
            "/channels/{channel}/messages",
            vec![channel_part(channel)],
        )
    }

    /// The messages right after the one called `after`, at most `limit`.
    pub(super) fn messages_page(channel: ChannelId, after: u64, limit: u8) -> Self {
        Self::messages(Method::GET, channel)
            .with_query("limit", limit)
            .with_query("after", after)
    }

    pub(super) fn message(method: Method, channel: ChannelId, message: MessageId) -> Self {
        Self::new(
            method,
            "/channels/{channel}/messages/{message}",
            vec![channel_part(channel), message_part(message)],
        )
    }

    pub(super) fn pins(channel: ChannelId, before: Option<&str>) -> Self {
        let route = Self::new(
            Method::GET,
            "/channels/{channel}/messages/pins",
            vec![channel_part(channel)],
        )
        .with_query("limit", 50);
        match before {
            Some(time) => route.with_query("before", time),
            None => route,
        }
    }

    pub(super) fn pin(method: Method, channel: ChannelId, message: MessageId) -> Self {
        Self::new(
            method,
            "/channels/{channel}/messages/pins/{message}",
            vec![channel_part(channel), message_part(message)],
        )
    }

    /// The route pins had until 2025.
    pub(super) fn old_pins(channel: ChannelId) -> Self {
        Self::new(
            Method::GET,
            "/channels/{channel}/pins",
            vec![channel_part(channel)],
        )
    }

    /// The route one pin had until 2025.
    pub(super) fn old_pin(method: Method, channel: ChannelId, message: MessageId) -> Self {
        Self::new(
            method,
            "/channels/{channel}/pins/{message}",
            vec![channel_part(channel), message_part(message)],
        )
    }

    pub(super) fn own_reaction(
        method: Method,
        channel: ChannelId,
        message: MessageId,
        reaction: &str,
    ) -> Self {
        Self::new(
            method,
            "/channels/{channel}/messages/{message}/reactions/{emoji}/@me",
            vec![
                channel_part(channel),
                message_part(message),
                emoji(reaction),
            ],
        )
    }

    pub(super) fn reactions(
        channel: ChannelId,
        message: MessageId,
        reaction: &str,
        after: Option<UserId>,
    ) -> Self {
        let route = Self::new(
            Method::GET,
            "/channels/{channel}/messages/{message}/reactions/{emoji}",
            vec![
                channel_part(channel),
                message_part(message),
                emoji(reaction),
            ],
        )
        .with_query("limit", 100);
        match after {
            Some(user) => route.with_query("after", user.get()),
            None => route,
        }
    }

    pub(super) fn direct_messages() -> Self {
        Self::new(Method::POST, "/users/@me/channels", vec![])
    }

    pub(super) fn interaction_original(application: ApplicationId, token: &SecretString) -> Self {
        Self::new(
            Method::PATCH,
            "/webhooks/{application}/{token}/messages/@original",
            vec![Part::Major(application.get()), Part::Secret(token.clone())],
        )
    }

    pub(super) fn interaction_follow_up(application: ApplicationId, token: &SecretString) -> Self {
        Self::new(
            Method::POST,
            "/webhooks/{application}/{token}",
            vec![Part::Major(application.get()), Part::Secret(token.clone())],
        )
        .with_query("wait", true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn discord() -> Url {
        Url::parse("https://discord.com").expect("the literal is an address")
    }

    fn address(route: &Route) -> String {
        route
            .url(&discord())
            .expect("https addresses carry paths")
            .to_string()
    }

    #[test]
    fn a_path_is_filled_in_order_under_the_api_version() {
        let route = Route::message(Method::GET, ChannelId::new(7), MessageId::new(9));
        assert_eq!(
            address(&route),
            "https://discord.com/api/v10/channels/7/messages/9"
        );
        assert_eq!(route.to_string(), "GET /channels/7/messages/9");
    }

    #[test]
    fn an_emoji_is_escaped_and_cannot_leave_its_place_in_the_path() {
        let pushpin = Route::own_reaction(Method::PUT, ChannelId::new(7), MessageId::new(9), "📌");
        assert_eq!(
            address(&pushpin),
            "https://discord.com/api/v10/channels/7/messages/9/reactions/%F0%9F%93%8C/@me"
        );
        let crooked = Route::own_reaction(
            Method::PUT,
            ChannelId::new(7),
            MessageId::new(9),
            "a/../b?c",
        );
        assert!(address(&crooked).ends_with("/reactions/a%2F..%2Fb%3Fc/@me"));
    }

    #[test]
    fn the_token_of_an_interaction_is_sent_but_never_shown() {
        let token = SecretString::from("aW50ZXJhY3Rpb246c2VjcmV0");
        let route = Route::interaction_original(ApplicationId::new(5), &token);
        assert!(address(&route).contains("aW50ZXJhY3Rpb246c2VjcmV0"));
        for shown in [format!("{route}"), format!("{route:?}")] {
            assert!(!shown.contains("aW50"), "{shown}");
            assert!(shown.contains("/webhooks/5/{token}/messages/@original"));
        }
        assert!(!route.with_bot_token());
    }

    #[test]
    fn limits_are_counted_per_channel_and_per_interaction() {
        let send = |channel| Route::messages(Method::POST, ChannelId::new(channel)).major();
        assert_eq!(send(1), send(1));
        assert_ne!(send(1), send(2));
        let edit = |token: &str| {
            Route::interaction_original(ApplicationId::new(5), &SecretString::from(token)).major()
        };
        assert_ne!(edit("one"), edit("two"));
        assert_eq!(Route::gateway().major(), None);
    }
}
