//! What a press does. Every act of every card is answered here: with what was asked, with the next question, or with why
//! not.
//!
//! Stateless by design: the component id says everything, so a card posted last week works after any number of
//! restarts. What a card no longer knows, the desk does: a press on a stale card changes nothing and says so.

mod asker;
mod authority;
mod call;
mod confirmation;
mod effects;
mod ending;
mod front_desk;
mod incidents;
mod library;
mod links;
mod maintenance;
mod merging;
mod paging;
mod record;
mod relapse;
mod runbooks;
mod show;
mod steps;
mod timeline;
mod times;
mod updates;
mod visibility;
mod work;

pub(crate) use asker::Asker;
pub(crate) use front_desk::Caller;
pub(crate) use library::no_runbook;
pub(crate) use links::typed_link;
pub(crate) use record::redact;
pub(crate) use timeline::no_entry;

use bridgewatch_core::card::{Act, Button, HandoverReason, HandoverSet, Press, Row};
use bridgewatch_core::cards;
use bridgewatch_core::ids::{ChannelId, EntryNumber, MessageId};
use bridgewatch_core::incident::{Command, Event, ImpactAnswer, TaskAnswer, Visibility};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::phase::Phase;
use bridgewatch_core::ports::{Heard, LineOf};
use bridgewatch_core::timeline::{Kind, Reading, Signal};

use crate::Data;
use crate::buttons::{decode, milestone, reading};
use crate::forms::FormAsks;
use crate::guard::{Place, Who};
use crate::reply::{Reply, Told, apology, say, sentence, with_buttons};
use crate::words;

/// Answers a press.
///
/// `values` are what was chosen in a menu, empty for a button; `delivery` names the interaction, so that hearing it
/// twice does it once.
pub async fn press(
    data: &Data,
    who: Who,
    press: Press,
    values: Vec<String>,
    delivery: String,
) -> Reply {
    data.desk.meet(who.id, &who.name).await;
    let press = chosen(press, &values);
    let Some(incident) = press.incident else {
        let caller = Caller {
            data,
            who: &who,
            delivery,
        };
        return caller
            .answer(&press.act, &values)
            .await
            .unwrap_or_else(|refusal| refusal);
    };
    let asker = Asker {
        data,
        who: &who,
        incident,
        phase: press.phase,
        delivery,
    };
    act_on(&asker, press.act, &values)
        .await
        .unwrap_or_else(|refusal| refusal)
}

/// What is pressed when an act is chosen in a menu: the act itself. An option of another incident's card is not one.
pub(crate) fn chosen(press: Press, values: &[String]) -> Press {
    match (&press.act, values.first()) {
        (Act::Choose(_), Some(value)) => match decode(value) {
            Ok(option)
                if option.incident == press.incident && !matches!(option.act, Act::Choose(_)) =>
            {
                option
            }
            _ => press,
        },
        _ => press,
    }
}

/// Whether a press opens a form: a form must be the first answer, so such a press is never put off.
#[must_use]
pub fn opens_form(act: &Act) -> bool {
    matches!(
        act,
        Act::Think
            | Act::Impact
            | Act::Describe
            | Act::WhyBelief(..)
            | Act::TaskResult(_)
            | Act::AskTask
            | Act::Log
            | Act::LogAt(_)
            | Act::Decision
            | Act::EditEntry(_)
            | Act::EditChoice(_)
            | Act::ChooseMilestone
            | Act::Import
            | Act::NewIncident
            | Act::FindIncidents
            | Act::FindRunbooks
            | Act::PlanMaintenance
            | Act::EditUpdate
            | Act::Estimate
            | Act::Cause
            | Act::Action(_)
            | Act::WaiveLearning
            | Act::ImpactOverEarlier
            | Act::LinkAs(_)
    )
}

/// Whether what has this name in `/inc more` opens a form.
#[must_use]
pub fn opens_form_for(name: &str) -> bool {
    const WITH_WORDS: [&str; 12] = [
        "new",
        "import",
        "maintenance",
        "ask",
        "impact",
        "describe",
        "think",
        "log",
        "decision",
        "estimate",
        "cause",
        "no-action",
    ];
    let of_an_incident = cards::offer(name).map(|offer| offer.name);
    let of_none = cards::desk_offer(name).map(|offer| offer.name);
    of_an_incident
        .or(of_none)
        .is_some_and(|name| WITH_WORDS.contains(&name))
}

/// Does what an act asks, if this person may ask it from here.
pub(crate) async fn act_on(asker: &Asker<'_>, act: Act, values: &[String]) -> Told {
    asker.may(&act).await?;
    asker.may_see().await?;
    answered(asker, act, values).await
}

/// One arm per act, in the order of [`Act`].
async fn answered(asker: &Asker<'_>, act: Act, values: &[String]) -> Told {
    match act {
        Act::Take => asker.take().await,
        Act::AskCancel => asker
            .fresh()
            .await
            .map(|view| Reply::Update(cards::ask_cancel(&view.incident))),
        Act::Cancel(reason) => asker.change(Command::Cancel { reason }).await,
        Act::Move(to) => asker.change(moved(to, None)).await,
        Act::AskImpactOver => asker
            .fresh()
            .await
            .map(|view| Reply::Update(cards::ask_impact_over(&view.incident))),
        Act::ImpactOverNow => impact_over_now(asker).await,
        Act::ImpactOverEarlier => words::open(asker, FormAsks::ImpactOverEarlier).await,
        Act::ImpactNotOver => {
            asker
                .change(moved(Phase::Fix, Some(ImpactAnswer::NotYet)))
                .await
        }
        Act::AskCameBack => asker
            .fresh()
            .await
            .map(|view| Reply::Update(cards::ask_came_back(&view.incident))),
        Act::CameBackHurting(to) => asker.change(moved(to, Some(ImpactAnswer::Back))).await,
        Act::CameBackHarmless(to) => asker.change(moved(to, None)).await,
        Act::Resolve => asker.resolve(false).await,
        Act::ResolveAnyway => asker.resolve(true).await,
        Act::WaitToResolve => asker.change(Command::WaitToResolve).await,
        Act::Dismiss => Ok(Reply::Update(sentence("Nothing was changed."))),
        Act::NotYet => asker.change(Command::NotYet).await,
        Act::Reopen => asker.change(Command::Reopen).await,
        Act::OpenRelapse => asker.open_relapse().await,
        Act::Close => asker.change(Command::Close).await,
        Act::AskMerge => asker.merge(values).await,
        Act::AskLink => asker.ask_link().await,
        Act::LinkAs(tie) => words::open(asker, FormAsks::Link(tie)).await,
        Act::Unlink => match values.first() {
            Some(other) => asker.unlink_from(other).await,
            None => asker.ask_link().await,
        },
        Act::AskSplit => match values.first() {
            Some(group) => asker.split_off(group).await,
            None => asker
                .view()
                .await
                .map(|view| Reply::Update(cards::ask_split(&view.incident))),
        },
        Act::SplitOff(ref group) => asker.split_off(group).await,
        Act::RelapseIsNew => asker.change(Command::RelapseIsNew).await,
        Act::FrontDesk
        | Act::NewIncident
        | Act::Incidents(_)
        | Act::OpenBoard
        | Act::FindIncidents
        | Act::Library
        | Act::ReadRunbook
        | Act::FindRunbooks
        | Act::LintRunbooks
        | Act::CheckSetup
        | Act::Maintenance
        | Act::EndMaintenance(_)
        | Act::HelpAbout(_)
        | Act::FireTestAlert => asker.caller().answer(&act, values).await,
        Act::PlanMaintenance => words::open(asker, FormAsks::Maintenance).await,
        Act::Restrict => asker.set_visibility(Visibility::Restricted).await,
        Act::Unrestrict => asker.ask_unrestrict().await,
        Act::UnrestrictNow => asker.set_visibility(Visibility::Normal).await,
        Act::AskAdmit => asker.let_in(chosen_person(values)).await,
        Act::OpenChannelAgain => asker.change(Command::OpenChannelAgain).await,
        Act::JoinCall => asker.join_call().await,
        Act::Undo(seq) => asker.change(Command::Undo { seq }).await,
        Act::ShowBoard => asker.show_board().await,
        Act::TextBoard => asker.view().await.map(|view| {
            let desk = &asker.data.desk;
            let card = cards::board_text(&view.incident, &view.around, asker.zone(), desk.now());
            Reply::Private(card)
        }),
        Act::Alerts => asker.alerts().await,
        Act::Changes => asker
            .view()
            .await
            .map(|view| Reply::Private(cards::changes(&view.incident, &view.around.changes))),
        // A choice that means nothing to this version shows what there is today.
        Act::More | Act::Choose(_) => asker.more().await,
        Act::AskSeverity => asker
            .view()
            .await
            .map(|view| Reply::Update(cards::ask_severity(&view.incident))),
        Act::SetSeverity(to) => {
            asker
                .change(Command::SetSeverity { to, reason: None })
                .await
        }
        Act::LowerSeverity(to, reason) => {
            let reason = Some(reason.words().to_owned());
            asker.change(Command::SetSeverity { to, reason }).await
        }
        // What nobody had said yet needs no reason to be less than was assumed.
        Act::RateFirst(to) => {
            let reason = Some("said first by whoever began it".to_owned());
            asker.change(Command::SetSeverity { to, reason }).await
        }
        Act::Roles => asker
            .view()
            .await
            .map(|view| Reply::Update(cards::roles(&view.incident, asker.who.id))),
        Act::Accept(role) => asker.accept(role).await,
        Act::Decline(role) => asker.change(Command::Decline { role }).await,
        Act::Release(role) => asker.change(Command::Release { role }).await,
        Act::AskPropose(role) => match chosen_person(values) {
            Some(to) => asker.change(Command::Propose { role, to }).await,
            None => asker
                .view()
                .await
                .map(|view| Reply::Update(cards::ask_person_for(&view.incident, role))),
        },
        Act::PageRole(role) => asker.page_role(role, chosen_person(values)).await,
        Act::Tasks => asker
            .view()
            .await
            .map(|view| Reply::Update(cards::tasks(&view.incident))),
        Act::AskTask => asker.ask_task(chosen_person(values)).await,
        Act::TaskOnIt(number) => asker.answer_task(number, TaskAnswer::OnIt).await,
        Act::TaskDone(number) => asker.finish_task(number).await,
        Act::TaskCannot(number) => asker.answer_task(number, TaskAnswer::Cannot).await,
        Act::FinishTask => match values.first().and_then(|value| value.parse().ok()) {
            Some(number) => asker.finish_task(number).await,
            None => asker
                .view()
                .await
                .map(|view| Reply::Update(cards::tasks(&view.incident))),
        },
        Act::TaskResult(number) => words::open(asker, FormAsks::TaskResult(number)).await,
        Act::AskRole => asker.view().await.map(|view| {
            Reply::Update(match chosen_person(values) {
                Some(person) => cards::ask_role_for(&view.incident, person),
                None => cards::ask_whom(&view.incident),
            })
        }),
        Act::Propose(role, to) => asker.change(Command::Propose { role, to }).await,
        Act::MyRole => asker.my_role().await,
        Act::PleaseDo(act) => asker.please_do(act).await,
        Act::TakeCommand => asker.change(Command::TakeCommand).await,
        Act::GiveCommand(to) => asker.change(Command::GiveCommand { to }).await,
        Act::AskHandover => ask_handover(asker, HandoverSet::Everything).await,
        Act::AskHandoverOf(set) => ask_handover(asker, set).await,
        Act::OfferHandover(set) => offer_handover(asker, set, None, values).await,
        Act::OfferHandoverBecause(set, reason) => {
            offer_handover(asker, set, Some(reason), values).await
        }
        Act::OfferHandoverTo(to) => {
            let (all, why) = (HandoverSet::Everything, Some(HandoverReason::ShiftEnd));
            offer_handover_to(asker, all, why, to).await
        }
        Act::AcceptHandover => {
            let view = asker.view().await?;
            let briefing = asker.briefing(&view.incident).await?;
            asker.change(Command::AcceptHandover { briefing }).await
        }
        Act::DeclineHandover => asker.change(Command::DeclineHandover).await,
        Act::NextStep => asker.view().await.map(|view| {
            Reply::Update(cards::next_step_for(
                &view.incident,
                asker.who.id,
                &view.around.changes,
            ))
        }),
        Act::StepList => asker
            .view()
            .await
            .map(|view| Reply::Update(cards::step_list(&view.incident))),
        Act::ClaimStep(step) => asker.claim_step(step).await,
        Act::FinishStep(step) => asker.finish_step(step, None, false).await,
        Act::ConfirmStep(step) => asker.finish_step(step, None, true).await,
        Act::AskSecondLook(step) => asker.ask_second_look(step).await,
        Act::ConfirmSecondLook(step) => asker.second_look(step, true).await,
        Act::WaitSecondLook(step) => asker.second_look(step, false).await,
        Act::DecideStep(step) => asker.decide_step(step, values).await,
        Act::AskSkip(step) => asker
            .fresh()
            .await
            .map(|view| Reply::Update(cards::ask_skip(&view.incident, &step))),
        Act::SkipStep(step, reason) => asker.skip_step(step, reason).await,
        Act::StepMore(step) => asker.step_more(&step).await,
        Act::Reference(section, page) => asker.reference(section, page).await,
        Act::ChooseReference => {
            let chosen = values.first().and_then(|value| value.parse().ok());
            asker.reference(chosen.unwrap_or(0), 0).await
        }
        Act::StepHelp(step) => asker.step_help(&step).await,
        Act::TickSteps(_) => asker.tick_steps(values).await,
        Act::AttachRunbook => asker.attach_chosen_runbook(values).await,
        Act::AddRunbook(runbook) => asker.attach_runbook(&runbook).await,
        Act::CompareRunbook(runbook) => asker.compare_runbook(&runbook).await,
        Act::RenewRunbook(runbook, version) => asker.renew_runbook(&runbook, &version).await,
        Act::Think => words::open(asker, FormAsks::Think).await,
        Act::Beliefs => asker.view().await.map(|view| {
            let focus = values.first().and_then(|value| value.parse().ok());
            Reply::Update(cards::beliefs(&view.incident, focus))
        }),
        Act::JudgeBelief(number, state) => asker.judge_belief(number, state).await,
        Act::WhyBelief(number, state) => {
            words::open(asker, FormAsks::WhyBelief(number, state)).await
        }
        Act::Effect => asker.effect().await,
        Act::EffectIs(number, outcome) => asker.effect_is(number, outcome).await,
        Act::TakeBack(number) => asker.change(Command::TakeBackMitigation { number }).await,
        Act::Impact => words::open(asker, FormAsks::Impact).await,
        Act::Describe => words::open(asker, FormAsks::Describe).await,
        Act::Log => words::open(asker, FormAsks::Log).await,
        Act::Update => asker.show_draft().await,
        Act::SendUpdate(minutes) => asker.send_draft(minutes).await,
        Act::SendShown(minutes, mark) => asker.send_shown(minutes, &mark).await,
        Act::EditUpdate => words::open(asker, FormAsks::EditUpdate).await,
        Act::Estimate => words::open(asker, FormAsks::Estimate).await,
        Act::NothingNew => asker.nothing_new().await,
        Act::AllClear => asker.show_all_clear().await,
        Act::SendAllClear(loss) => asker.send_all_clear(loss).await,
        Act::CatchUp => asker.catch_up().await,
        Act::Timeline => asker.timeline().await,
        Act::Read(reading, page) => asker.read(reading, page).await,
        Act::ChooseReading => {
            let chosen = values.first().and_then(|value| reading(value));
            asker.read(chosen.unwrap_or(Reading::Key), 0).await
        }
        Act::Entry(number) => asker.entry(number).await,
        Act::ChooseEntry => match chosen_entry(values) {
            Some(number) => asker.entry(number).await,
            None => asker.read(Reading::Key, 0).await,
        },
        Act::EditEntry(number) => words::open(asker, FormAsks::EditEntry(number)).await,
        Act::EditChoice(number) => words::open(asker, FormAsks::EditChoice(number)).await,
        Act::SetImportance(number, importance) => asker.set_importance(number, importance).await,
        Act::SetAudience(number, audience) => asker.set_audience(number, audience).await,
        Act::SetTime(number, seconds) => asker.set_time(number, seconds).await,
        Act::LogAt(seconds) => words::open(asker, FormAsks::LogAt(seconds)).await,
        Act::Decision => words::open(asker, FormAsks::Decision).await,
        Act::Milestones => asker.milestones().await,
        Act::ChooseMilestone => match values.first().and_then(|value| milestone(value)) {
            Some(name) => words::open(asker, FormAsks::Milestone(name)).await,
            None => asker.milestones().await,
        },
        Act::SaveMilestone {
            name,
            seconds,
            precision,
            evidence,
        } => {
            asker
                .save_milestone(name, seconds, precision, evidence)
                .await
        }
        Act::RetractEntry(number) => retract(asker, number).await,
        Act::RestoreEntry(number) => restore(asker, number).await,
        Act::KeepMessage(message, kind) => asker.keep_message(message, kind).await,
        Act::Import => words::open(asker, FormAsks::Import).await,
        Act::SaveImport(key) => asker.save_import(&key).await,
        Act::AskRedact => record::ask(asker, values).await,
        Act::Redact(number) => record::redact(asker, LineOf::Number(number), None).await,
        Act::RedactForGood(number) => record::redact_for_good(asker, number).await,
        Act::ShowEntryAgain(number) => record::show_again(asker, number).await,
        Act::NotSecret(number) => Ok(Reply::Update(sentence(format!("{number} stays as it is.")))),
        Act::PickFacts => pick_facts(asker, values).await,
        Act::Cause => words::open(asker, FormAsks::Cause).await,
        Act::Action(kind) => words::open(asker, FormAsks::Action(kind)).await,
        Act::AskAction => asker
            .view()
            .await
            .map(|view| Reply::Update(cards::ask_action(&view.incident))),
        Act::WaiveLearning => words::open(asker, FormAsks::WaiveLearning).await,
        Act::FinalSeverity(Some(severity)) => {
            asker.change(Command::ConfirmSeverity { severity }).await
        }
        Act::FinalSeverity(None) => asker
            .fresh()
            .await
            .map(|view| Reply::Update(cards::ask_final_severity(&view.incident))),
        Act::Reviewed => asker.change(Command::MarkReviewed).await,
        Act::Postmortem => asker.postmortem().await,
        Act::Why => asker.why().await,
        Act::Help => asker
            .view()
            .await
            .map(|view| Reply::Private(cards::help(Some((&view.incident, asker.who.id))))),
    }
}

fn moved(to: Phase, impact: Option<ImpactAnswer>) -> Command {
    Command::Move {
        to,
        impact,
        note: None,
    }
}

/// "Impact over": one press says that it is over now. Whoever knows better corrects it in the answer.
async fn impact_over_now(asker: &Asker<'_>) -> Told {
    let command = moved(Phase::Fix, Some(ImpactAnswer::OverNow));
    let answer = asker.ask(command.clone(), "").await;
    let (incident, events) = asker.done(answer, &command).await?;
    let mut reply = asker.confirmed(&incident, &events, &command);
    let ended = asker::happened(&events, |event| matches!(event, Event::ImpactEnded { .. }));
    if ended
        && let Reply::Update(card) = &mut reply
        && let Some(Row::Buttons(buttons)) = card.rows.last_mut()
    {
        let earlier = Press::in_phase(incident.id, incident.phase, Act::ImpactOverEarlier);
        buttons.push(Button::plain("It ended earlier…", earlier));
    }
    Ok(reply)
}

/// The person chosen in a menu of people.
fn chosen_person(values: &[String]) -> Option<PersonId> {
    values
        .first()
        .and_then(|value| value.parse().ok())
        .map(PersonId)
}

/// To whom? Discord's menu of people knows nobody in direct messages but the two who talk.
async fn ask_handover(asker: &Asker<'_>, set: HandoverSet) -> Told {
    let view = asker.view().await?;
    if asker.who.place == Place::Direct {
        let way = way_to(view.incident.surface.channel, asker.who);
        return Ok(say(format!(
            "Choose somebody in the incident's channel: *More…*, then *Hand over*{way}."
        )));
    }
    let card = cards::ask_handover(&view.incident, asker.who.id, set);
    Ok(Reply::Update(card))
}

async fn offer_handover(
    asker: &Asker<'_>,
    set: HandoverSet,
    reason: Option<HandoverReason>,
    values: &[String],
) -> Told {
    match chosen_person(values) {
        Some(to) => offer_handover_to(asker, set, reason, to).await,
        None => asker.view().await.map(|view| {
            let card = cards::ask_handover(&view.incident, asker.who.id, set);
            Reply::Update(card)
        }),
    }
}

async fn offer_handover_to(
    asker: &Asker<'_>,
    set: HandoverSet,
    reason: Option<HandoverReason>,
    to: PersonId,
) -> Told {
    let view = asker.view().await?;
    asker
        .change(Command::OfferHandover {
            subjects: set.subjects(&view.incident.roles_of(asker.who.id)),
            to,
            reason: reason.map(|reason| reason.words().to_owned()),
            briefing: asker.briefing(&view.incident).await?,
        })
        .await
}

/// The entry chosen in a menu.
fn chosen_entry(values: &[String]) -> Option<EntryNumber> {
    values
        .first()
        .and_then(|value| value.parse().ok())
        .map(EntryNumber)
}

async fn retract(asker: &Asker<'_>, number: EntryNumber) -> Told {
    let by = asker.who.id;
    let put_back = asker.button("Put it back", Act::RestoreEntry(number));
    match asker.hear(Signal::Retracted { number, by }).await {
        Heard::Stored(_) => Ok(Reply::Update(with_buttons(
            sentence(format!("{number} is taken back.")),
            [put_back],
        ))),
        Heard::Nothing => Ok(Reply::Update(with_buttons(
            sentence(format!("{number} was taken back already.")),
            [put_back],
        ))),
        other => Err(asker.not_changed(other, Act::RetractEntry(number)).await),
    }
}

async fn restore(asker: &Asker<'_>, number: EntryNumber) -> Told {
    let by = asker.who.id;
    match asker.hear(Signal::Restored { number, by }).await {
        Heard::Stored(_) => Ok(Reply::Update(sentence(format!("{number} stands again.")))),
        Heard::Nothing => Ok(Reply::Update(sentence(format!("{number} stands.")))),
        other => Err(asker.not_changed(other, Act::RestoreEntry(number)).await),
    }
}

async fn pick_facts(asker: &Asker<'_>, values: &[String]) -> Told {
    let messages: Vec<MessageId> = values
        .iter()
        .filter_map(|value| value.parse().ok())
        .map(MessageId)
        .collect();
    if messages.is_empty() {
        return Err(say(
            "Nothing was chosen: pick the messages that belong in the timeline.",
        ));
    }
    let count = messages.len();
    let heard = asker
        .data
        .desk
        .pick_facts(
            asker.incident,
            messages,
            Kind::Note,
            asker.who.id,
            Some(asker.delivery.clone()),
        )
        .await;
    match heard {
        Heard::Stored(_) | Heard::Doubted { .. } | Heard::Nothing => {
            let what = if count == 1 {
                "message goes"
            } else {
                "messages go"
            };
            Ok(say(format!("{count} {what} into the timeline.")))
        }
        other => Err(unheard(other)),
    }
}

/// Why the timeline did not take something.
pub(crate) fn unheard(heard: Heard) -> Reply {
    match heard {
        Heard::Refused(why) => say(why),
        Heard::Broken { error_id } => apology(&error_id),
        Heard::NotTheirs => crate::guard::viewer_only(),
        Heard::Stored(_) | Heard::Doubted { .. } | Heard::Nothing => {
            say("That is in the timeline already.")
        }
    }
}

/// Whether a card was pressed in the channel that everybody shares.
fn in_the_open(who: &Who) -> bool {
    who.place == Place::Channel
}

/// The way to a channel, for somebody who is elsewhere.
fn way_to(channel: Option<ChannelId>, who: &Who) -> String {
    channel
        .filter(|channel| *channel != who.channel)
        .map(|channel| format!(" → <#{}>", channel.0))
        .unwrap_or_default()
}
