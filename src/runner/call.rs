//! The voice channel of an incident: opened once, open to exactly those who see the incident, gone when it is over.

use bridgewatch_core::ids::ChannelId;
use bridgewatch_core::incident::{CallState, Incident, Report, Visibility, call_name_of};
use bridgewatch_core::phase::Phase;
use bridgewatch_core::ports::{CallSpec, Claimed, Failure};

use super::{Performed, Runner, trouble_of};

/// What is said when Discord does not let the bot.
const MEND: &str = "Discord does not let me: I need *Manage Channels* where the incidents' channels are. Server Settings → \
                    Roles → my role, and the permissions of that category. Then press *Join call* again.";

impl Runner {
    pub(super) async fn open_call(&self, claimed: &Claimed) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        if incident.surface.call != CallState::Opening {
            return Ok(Performed::Done);
        }
        let circle = match incident.visibility {
            Visibility::Restricted => Some(incident.circle().into_iter().collect::<Vec<_>>()),
            Visibility::Normal => None,
        };
        let spec = CallSpec {
            name: call_name_of(incident.id),
            only_for: circle,
            look_first: claimed.maybe_sent_at.is_some(),
        };
        self.about_to_send(claimed).await?;
        let report = match self.chat.open_call(&spec).await {
            Ok(channel) => Report::CallOpened {
                channel,
                url: self.chat.link_to(channel),
            },
            // Whoever wants to talk now must not wait for a permission.
            Err(Failure::Waits { .. }) => Report::CallFailed {
                why: MEND.to_owned(),
            },
            Err(
                Failure::Refused { why }
                | Failure::Gone { why }
                | Failure::TooOld { why }
                | Failure::ChannelGone { why, .. },
            ) => Report::CallFailed { why },
            Err(failure @ Failure::Retry { .. }) => return Err(failure),
        };
        if let Report::CallFailed { why } = &report {
            tracing::info!(incident.id = %incident.id, why, "the call could not be opened");
        }
        self.learned(claimed, incident.id, report).await
    }

    /// A voice channel that somebody deleted is noted as gone, and is no trouble.
    pub(super) async fn unless_gone(
        &self,
        incident: &Incident,
        call: ChannelId,
        result: Result<(), Failure>,
    ) -> Result<(), Failure> {
        match result {
            Err(Failure::Gone { .. } | Failure::ChannelGone { .. }) => self
                .desk
                .learn(incident.id, Report::CallGone(call))
                .await
                .map_err(|trouble| trouble_of(&trouble)),
            result => result,
        }
    }

    pub(super) async fn end_call(
        &self,
        claimed: &Claimed,
        channel: ChannelId,
    ) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        let is_over = matches!(incident.phase, Phase::Closed | Phase::Cancelled);
        if !is_over || incident.surface.call.channel() != Some(channel) {
            return Ok(Performed::Done);
        }
        self.chat.delete_channel(channel).await?;
        self.learned(claimed, incident.id, Report::CallGone(channel))
            .await
    }
}
