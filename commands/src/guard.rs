//! Who may ask what. Discord's own roles decide; nothing is asked of a database.
//!
//! Without a configured responder role everybody in the server may act: at night nobody should meet a locked door that
//! nobody chose. With one, everybody else reads.

use bridgewatch_core::card::Act;
use bridgewatch_core::ids::{ChannelId, IncidentId};
use bridgewatch_core::incident::{Incident, Rank, Refusal};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{Membership, Standing};
use poise::serenity_prelude as serenity;

use crate::Data;
use crate::permissions::{Needs, needs_of_act};
use crate::reply::{Reply, say};

/// Which server this is and which of its roles may do what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardSettings {
    /// The one server the bot serves.
    pub guild_id: u64,
    /// The role whose holders act in incidents; everybody, if there is none.
    pub responder_role: Option<u64>,
    /// The role whose holders may also lower, resolve and cancel without holding command.
    pub commander_role: Option<u64>,
    /// The role whose holders decide, like administrators, about what others wrote.
    pub admin_role: Option<u64>,
}

/// Who asks, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// Their Discord id.
    pub id: PersonId,
    /// What the server calls them.
    pub name: String,
    /// What the server lets them do.
    pub rank: Rank,
    /// Whether they manage the server: what concerns those who keep the bot running is theirs.
    pub manages_server: bool,
    /// The channel they ask in.
    pub channel: ChannelId,
    /// Where the card stands that they pressed.
    pub place: Place,
}

/// Where a pressed card stands. A typed command counts as [`Place::Channel`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a channel, for everybody.
    Channel,
    /// In a channel, for the presser alone.
    Private,
    /// In the direct messages between the presser and the bot.
    Direct,
}

impl Place {
    /// Whether only the presser sees the card, so that it can become the answer.
    #[must_use]
    pub fn is_theirs(self) -> bool {
        matches!(self, Self::Private | Self::Direct)
    }
}

/// What a member of the server may do.
#[must_use]
pub fn rank_of(settings: &GuardSettings, roles: &[u64], administrator: bool) -> Rank {
    let holds = |role: Option<u64>| role.is_some_and(|role| roles.contains(&role));
    if administrator || holds(settings.admin_role) {
        Rank::Admin
    } else if holds(settings.commander_role) {
        Rank::Commander
    } else if settings.responder_role.is_none() || holds(settings.responder_role) {
        Rank::Responder
    } else {
        Rank::Viewer
    }
}

/// An interaction as far as the guard needs it.
pub(crate) struct Visitor<'interaction> {
    pub(crate) guild: Option<serenity::GuildId>,
    pub(crate) user: &'interaction serenity::User,
    pub(crate) member: Option<&'interaction serenity::Member>,
    pub(crate) channel: serenity::ChannelId,
    /// Whether only they see the message that they pressed.
    pub(crate) ephemeral: bool,
}

/// Where a visitor is, or why there is nothing for them there.
pub(crate) fn place_of(settings: &GuardSettings, visitor: &Visitor<'_>) -> Result<Place, String> {
    match (visitor.guild, visitor.member) {
        (Some(guild), Some(_)) if guild.get() == settings.guild_id => Ok(if visitor.ephemeral {
            Place::Private
        } else {
            Place::Channel
        }),
        (Some(_), _) => Err("I keep watch over another server, not this one.".to_owned()),
        (None, _) => Ok(Place::Direct),
    }
}

/// Lets a visitor in, or says why not. `about` is the incident that what they pressed is about.
pub(crate) async fn admit(
    data: &Data,
    visitor: &Visitor<'_>,
    about: Option<IncidentId>,
) -> Result<Who, String> {
    let place = place_of(&data.guard, visitor)?;
    let id = PersonId(visitor.user.id.get());
    let name = visitor.member.map_or_else(
        || visitor.user.display_name().to_owned(),
        |member| member.display_name().to_owned(),
    );
    let manages_server = visitor
        .member
        .and_then(|member| member.permissions)
        .is_some_and(|may| may.administrator() || may.manage_guild());
    let rank = match visitor.member {
        Some(member) => {
            let standing = Standing {
                roles: member.roles.iter().map(|role| role.get()).collect(),
                administrator: member
                    .permissions
                    .is_some_and(serenity::Permissions::administrator),
            };
            let rank = rank_of(&data.guard, &standing.roles, standing.administrator);
            data.members.seen(id, standing);
            rank
        }
        None => rank_outside(data, id, about).await?,
    };
    Ok(Who {
        id,
        name,
        rank,
        manages_server,
        channel: ChannelId(visitor.channel.get()),
        place,
    })
}

/// What somebody may do who presses in their direct messages: Discord names no roles there, so the server is asked. Where it
/// does not answer, what it said last counts; and whom the incident itself called may answer the call.
async fn rank_outside(
    data: &Data,
    person: PersonId,
    about: Option<IncidentId>,
) -> Result<Rank, String> {
    let settings = &data.guard;
    let of = |standing: &Standing| rank_of(settings, &standing.roles, standing.administrator);
    match data.members.membership(person).await {
        Membership::Member(standing) => Ok(of(&standing)),
        Membership::Left => Err(
            "You are not in the server any more, so nothing was done. Whoever invites you again lets you act again."
                .to_owned(),
        ),
        Membership::Unknown { last: Some(last) } => Ok(of(&last)),
        Membership::Unknown { last: None } => {
            let may = settings.responder_role.is_none() || was_called(data, person, about).await;
            Ok(if may { Rank::Responder } else { Rank::Viewer })
        }
    }
}

/// Whether the incident wrote to this person, or counts on them.
async fn was_called(data: &Data, person: PersonId, about: Option<IncidentId>) -> bool {
    let Some(id) = about else {
        return false;
    };
    match data.desk.incident(id).await {
        Ok(Some(incident)) => {
            incident.surface.direct.contains_key(&person) || incident.circle().contains(&person)
        }
        Ok(None) => false,
        Err(error) => {
            tracing::error!(incident.id = id.0, %error, "it cannot be read whom the incident called");
            false
        }
    }
}

/// Why this person may not do this from here, if so. Whatever the core refuses by itself is not repeated.
pub(crate) fn refuses(who: &Who, act: &Act) -> Option<Reply> {
    if !works_here(who, act) {
        return Some(say("This works in the incident's channel, not here."));
    }
    if who.rank == Rank::Viewer && needs_of_act(act) > Needs::Viewer {
        return Some(viewer_only());
    }
    None
}

/// Whether this works where the card stands.
pub(crate) fn works_here(who: &Who, act: &Act) -> bool {
    who.place != Place::Direct || works_in_direct_messages(act)
}

/// What somebody without the responder role is told where there is no incident.
pub(crate) fn viewer_only() -> Reply {
    say(Refusal::ViewerOnly { holder: None }.to_string())
}

/// What is answered where there is no channel: calls, hand-overs, the promised update, and what follows from them. Whatever
/// is offered in a direct message must be among it.
#[must_use]
pub fn works_in_direct_messages(act: &Act) -> bool {
    matches!(
        act,
        Act::Take
            | Act::Accept(_)
            | Act::Decline(_)
            | Act::Release(_)
            | Act::MyRole
            | Act::Roles
            | Act::PleaseDo(_)
            | Act::CatchUp
            | Act::LogAt(_)
            | Act::KeepMessage(..)
            | Act::TextBoard
            | Act::AskHandover
            | Act::OfferHandoverTo(_)
            | Act::PageRole(_)
            | Act::AcceptHandover
            | Act::DeclineHandover
            | Act::Update
            | Act::SendUpdate(_)
            | Act::SendShown(..)
            | Act::Impact
            | Act::EditUpdate
            | Act::NothingNew
            | Act::Estimate
            | Act::AllClear
            | Act::SendAllClear(_)
            | Act::OpenChannelAgain
            | Act::JoinCall
            | Act::Reopen
            | Act::OpenRelapse
            | Act::RelapseIsNew
            | Act::Undo(_)
            | Act::Redact(_)
            | Act::NotSecret(_)
            | Act::ShowBoard
            | Act::Help
            | Act::HelpAbout(_)
            | Act::Dismiss
    )
}

/// Whether a person who is not in its channel may see an incident. The server's own permissions guard the channel; this
/// guards the other ways to it.
#[must_use]
pub fn may_see(incident: &Incident, who: &Who) -> bool {
    match incident.visibility {
        bridgewatch_core::incident::Visibility::Normal => true,
        bridgewatch_core::incident::Visibility::Restricted => {
            incident.circle().contains(&who.id) || incident.surface.channel == Some(who.channel)
        }
    }
}
