//! The scratch category: its channels, and that nothing of it stays.

use bridgewatch_core::ids::ChannelId as CoreChannel;
use bridgewatch_core::ports::{CallSpec, ChannelSpec, Chat as _};
use serenity::model::id::{ChannelId, RoleId};

use super::super::answers::{Channel, ChannelKind, OverwriteFor, PermissionBits};
use super::super::chat::{BOT, LOCKED};
use super::super::error::ApiError;
use super::super::ids;
use super::{CATEGORY, Exercise, MARK, Verdict};

/// A name as a person would write it, and as Discord keeps it.
const NAME: &str = "Exercise One  Größe!";
const NORMAL_NAME: &str = "exercise-one-größe";

/// The voice channel, which has no topic to be known by.
const CALL: &str = "bridgewatch-exercise-call";

fn spec(name: &str, marker: &str) -> ChannelSpec {
    ChannelSpec {
        name: name.to_owned(),
        topic: format!("{MARK} It can be deleted. Line\nbreaks and *stars* stay. {marker}"),
        marker: marker.to_owned(),
        only_for: None,
        look_first: false,
    }
}

impl Exercise<'_> {
    /// Opens channels as an incident does; the public one.
    pub(super) async fn open_channels(&mut self) -> Option<ChannelId> {
        let public = spec(NAME, "[ir:exercise-1]");
        let opened = self.chat.open_channel(&public).await;
        let opened = self.worked("make a category and a channel in it", opened)?;
        let opened = ids::channel(opened).ok()?;
        let channels = self.rest.guild_channels(self.setting.guild).await;
        let channels = self.worked("list the server's channels", channels)?;
        let find = |wanted: ChannelId| channels.iter().find(|channel| channel.id == wanted);
        let Some(channel) = find(opened).cloned() else {
            let missing = "the new channel is not in it".to_owned();
            self.note("list the server's channels", Verdict::Failed(missing));
            return Some(opened);
        };
        let category = channel.parent_id.and_then(find);
        let category = category.map(|category| (category.kind, category.name.clone()));
        self.compare(
            "the channel stands in the category",
            category,
            Some((ChannelKind::Category, Some(CATEGORY.to_owned()))),
        );
        self.compare(
            "the channel's name is made normal",
            channel.name.as_deref(),
            Some(NORMAL_NAME),
        );
        self.compare(
            "the channel's topic is kept as it is",
            channel.topic.as_deref(),
            Some(public.topic.as_str()),
        );

        let again = ChannelSpec {
            look_first: true,
            ..public
        };
        let found = self.chat.open_channel(&again).await;
        let found = self.worked("find a channel by the marker in its topic", found);
        self.compare(
            "the channel found is the one that was made",
            found,
            Some(ids::to_core_channel(opened)),
        );
        self.open_private_channel().await;
        self.open_and_end_call().await;
        Some(opened)
    }

    async fn open_private_channel(&mut self) {
        let private = ChannelSpec {
            only_for: Some(Vec::new()),
            ..spec("exercise-private", "[ir:exercise-2]")
        };
        let opened = self.chat.open_channel(&private).await;
        let Some(opened) = self.worked("make a channel only for some", opened) else {
            return;
        };
        let Some(channel) = self.read(opened).await else {
            return;
        };
        let everybody = OverwriteFor::Role(RoleId::new(self.setting.guild.get()));
        let bot = OverwriteFor::Member(self.setting.bot);
        let of = |whom: OverwriteFor| {
            let overwrites = channel.permission_overwrites.iter();
            overwrites.copied().find(|overwrite| overwrite.of == whom)
        };
        self.compare(
            "a private channel is hidden from everybody from the start",
            of(everybody).map(|overwrite| overwrite.deny),
            Some(PermissionBits::VIEW_CHANNEL),
        );
        self.compare(
            "the bot keeps what it needs there, pinning (bit 51) included",
            of(bot).map(|overwrite| overwrite.allow),
            Some(BOT),
        );
    }

    /// Opens and deletes a voice channel as *Join call* and the end of an incident do, for some only.
    async fn open_and_end_call(&mut self) {
        let call = CallSpec {
            name: CALL.to_owned(),
            only_for: Some(Vec::new()),
            look_first: false,
        };
        let opened = self.chat.open_call(&call).await;
        let Some(opened) = self.worked("make a voice channel only for some", opened) else {
            return;
        };
        let again = CallSpec {
            look_first: true,
            ..call
        };
        let found = self.chat.open_call(&again).await;
        let found = self.worked("find a voice channel by its name", found);
        self.compare(
            "the voice channel found is the one that was made",
            found,
            Some(opened),
        );
        let deleted = self.chat.delete_channel(opened).await;
        self.worked("delete a voice channel only for some", deleted);
    }

    /// Closes a channel as the end of an incident does.
    pub(super) async fn lock(&mut self, channel: ChannelId) {
        let locked = self.chat.lock(ids::to_core_channel(channel)).await;
        if self.worked("make a channel read-only", locked).is_none() {
            return;
        }
        let Some(channel) = self.read(ids::to_core_channel(channel)).await else {
            return;
        };
        let everybody = OverwriteFor::Role(RoleId::new(self.setting.guild.get()));
        let overwrites = channel.permission_overwrites.iter();
        let denied = overwrites
            .filter(|overwrite| overwrite.of == everybody)
            .map(|overwrite| overwrite.deny)
            .next();
        self.compare("nobody can write there any more", denied, Some(LOCKED));
    }

    async fn read(&mut self, wanted: CoreChannel) -> Option<Channel> {
        let channel = match ids::channel(wanted) {
            Ok(id) => self.rest.channel(id).await,
            Err(error) => Err(error),
        };
        self.worked("read a channel", channel)
    }

    /// Removes everything an exercise has made, this one or one that was killed.
    pub(super) async fn clean_up(&mut self) {
        match self.remove_everything().await {
            Ok(left) if left.is_empty() => {}
            Ok(left) => {
                let left = format!("left behind, delete by hand: {}", left.join(", "));
                self.note("remove everything again", Verdict::Failed(left));
            }
            Err(error) => {
                let why = format!("{error}; delete the category {CATEGORY} by hand");
                self.note("remove everything again", Verdict::Failed(why));
            }
        }
    }

    /// What is still there afterwards.
    async fn remove_everything(&self) -> Result<Vec<String>, ApiError> {
        let rest = self.rest.because("The exercise is over");
        let channels = rest.guild_channels(self.setting.guild).await?;
        let categories: Vec<&Channel> = channels.iter().filter(is_scratch_category).collect();
        for category in categories {
            let inside = |channel: &&Channel| channel.parent_id == Some(category.id);
            for channel in channels.iter().filter(inside).filter(is_scratch_channel) {
                rest.delete_channel(channel.id).await?;
            }
            // Somebody else's channel in it keeps the category.
            if channels
                .iter()
                .filter(inside)
                .all(|channel| is_scratch_channel(&channel))
            {
                rest.delete_channel(category.id).await?;
            }
        }
        let channels = rest.guild_channels(self.setting.guild).await?;
        let left = channels
            .iter()
            .filter(|channel| is_scratch_category(channel) || is_scratch_channel(channel));
        Ok(left
            .map(|channel| channel.name.clone().unwrap_or_default())
            .collect())
    }
}

fn is_scratch_category(channel: &&Channel) -> bool {
    channel.kind == ChannelKind::Category && channel.name.as_deref() == Some(CATEGORY)
}

fn is_scratch_channel(channel: &&Channel) -> bool {
    let is_call = channel.kind == ChannelKind::Voice && channel.name.as_deref() == Some(CALL);
    is_call
        || channel
            .topic
            .as_deref()
            .is_some_and(|topic| topic.starts_with(MARK))
}
