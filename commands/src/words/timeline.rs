//! The forms of the timeline: a decision with what it was made from, and what is to be different about an entry.

use bridgewatch_core::card::Act;
use bridgewatch_core::cards;
use bridgewatch_core::ids::EntryNumber;
use bridgewatch_core::ports::Heard;
use bridgewatch_core::timeline::{
    Choice, Entry, EntryChange, EntryState, Kind, Precision, Signal, imported, notes_key,
    read_notes, typed_time,
};

use super::Fields;
use super::open::{KINDS, MAX_TEXT};
use super::read::kind_of;
use crate::card::cut;
use crate::forms::Field;
use crate::press::{Asker, no_entry, unheard};
use crate::reply::{Reply, Told, say, sentence, with_buttons};

/// The most notes of one form.
const MAX_NOTES: u16 = 4_000;
/// The longest reason for a change.
const MAX_WHY: u16 = 300;
/// The longest name of whoever decided.
const MAX_NAME: u16 = 200;

/// Writes a line into the timeline and shows it with the buttons that correct it.
pub(crate) async fn write_down(asker: &Asker<'_>, signal: Signal) -> Told {
    let entry = match asker.hear(signal).await {
        Heard::Stored(stored) => stored.entry,
        Heard::Doubted { stored, said } => {
            let card = cards::doubted_time(asker.incident, &stored.entry, said);
            return Ok(Reply::Private(card));
        }
        Heard::Nothing => return Ok(say("That is in the timeline already.")),
        other => return Err(unheard(other)),
    };
    if let EntryState::Merged { into, .. } = &entry.state {
        let apart = entry
            .number
            .map(|number| asker.button("Keep both", Act::RestoreEntry(number)));
        let card = sentence(format!("You said so a moment ago: it is {into} already."));
        return Ok(Reply::Private(with_buttons(card, apart)));
    }
    let card = cards::noted_line(&entry);
    let take_back = entry
        .number
        .map(|number| asker.button("Take it back", Act::RetractEntry(number)));
    let time_was_typed =
        entry.precision != Precision::Exact || entry.is_late(asker.data.desk.policy().late_after);
    let wrong_time = entry
        .number
        .filter(|_| time_was_typed)
        .map(|number| asker.button("Wrong time?", Act::EditEntry(number)));
    let redact = entry
        .number
        .map(|number| asker.button("Redact", Act::Redact(number)));
    // A private card that led here may be needed again: the entry is told beside it.
    Ok(Reply::Private(with_buttons(
        card,
        take_back.into_iter().chain(wrong_time).chain(redact),
    )))
}

/// The fields of a decision.
pub(super) fn decision() -> Vec<Field> {
    let mut fields = vec![
        Field::text("text", "What was decided", MAX_TEXT).hint("roll back instead of failing over"),
    ];
    fields.extend(choice_fields(&Choice::default()));
    fields.push(
        Field::line("at", "When (empty: now)", 30)
            .hint("02:47, -15m or yesterday 23:50")
            .optional(),
    );
    fields
}

fn choice_fields(known: &Choice) -> [Field; 3] {
    let text = |known: &str| cut(known, usize::from(MAX_TEXT));
    [
        Field::line("reason", "Why", MAX_TEXT)
            .with(text(&known.reason))
            .hint("failing over may lose writes")
            .optional(),
        Field::line("options", "What else was considered", MAX_TEXT)
            .with(text(&known.options))
            .hint("fail over · wait for the vendor")
            .optional(),
        Field::line("by", "Who decided (empty: you)", MAX_NAME)
            .with(cut(&known.decided_by, usize::from(MAX_NAME)))
            .optional(),
    ]
}

fn choice_of(fields: &Fields<'_>) -> Choice {
    Choice {
        options: fields.text("options").to_owned(),
        reason: fields.text("reason").to_owned(),
        decided_by: fields.text("by").to_owned(),
    }
}

/// A decision, written down.
pub(super) async fn decided(asker: &Asker<'_>, fields: &Fields<'_>) -> Told {
    let at = fields.text("at");
    let typed = Signal::Typed {
        by: asker.who.id,
        kind: Some(Kind::Decision),
        text: fields.text("text").to_owned(),
        at: (!at.is_empty()).then(|| at.to_owned()),
        choice: Some(choice_of(fields)),
    };
    write_down(asker, typed).await
}

/// The field for notes that were taken elsewhere.
pub(super) fn notes() -> Vec<Field> {
    vec![
        Field::text("text", "A line each, with its time in front", MAX_NOTES)
            .hint("02:47 obs: first 500s in the edge log"),
    ]
}

/// Notes, read line by line: what was understood is shown before anything is written.
pub(super) async fn looked_at(asker: &Asker<'_>, fields: &Fields<'_>) -> Told {
    notes_looked_at(asker, fields.text("text")).await
}

/// The same, wherever they come from.
pub(super) async fn notes_looked_at(asker: &Asker<'_>, text: &str) -> Told {
    let view = asker.view().await?;
    let desk = &asker.data.desk;
    let now = desk.now();
    let lines = read_notes(text, &view.incident, (asker.zone(), desk.prefixes()), now);
    let new = imported(
        &lines,
        &asker.entries().await?,
        &view.incident,
        asker.who.id,
        now,
    )
    .len();
    let key = notes_key(text);
    if let Err(broken) = desk.keep_notes(asker.incident, &key, text).await {
        return Err(asker.broken("the notes could not be kept", &broken));
    }
    Ok(Reply::Private(cards::import_preview(
        &view.incident,
        &lines,
        new,
        &key,
    )))
}

/// The form that changes an entry.
pub(super) async fn edit_entry(
    asker: &Asker<'_>,
    number: EntryNumber,
) -> Result<(String, Vec<Field>), Reply> {
    let entry = known(asker, number).await?;
    Ok((
        format!("Change {number}"),
        vec![
            Field::text("text", "What happened", MAX_TEXT)
                .with(cut(&entry.text, usize::from(MAX_TEXT))),
            Field::line("at", "When", 30)
                .with(typed_time(entry.event_at, asker.zone()))
                .hint("02:47, -15m or yesterday 23:50"),
            Field::line("kind", KINDS, 20).with(entry.kind.id()),
            why(),
        ],
    ))
}

fn why() -> Field {
    Field::line("why", "Why (needed once it is closed)", MAX_WHY).optional()
}

/// The form that says what a decision was made from.
pub(super) async fn edit_choice(
    asker: &Asker<'_>,
    number: EntryNumber,
) -> Result<(String, Vec<Field>), Reply> {
    let entry = known(asker, number).await?;
    let mut fields = choice_fields(&entry.choice.unwrap_or_default()).to_vec();
    fields.push(Field {
        label: "Why it is changed (once it is closed)".to_owned(),
        ..why()
    });
    Ok((format!("What {number} was chosen from"), fields))
}

async fn known(asker: &Asker<'_>, number: EntryNumber) -> Result<Entry, Reply> {
    let entries = asker.entries().await?;
    entries
        .into_iter()
        .find(|entry| entry.number == Some(number))
        .ok_or_else(|| no_entry(number))
}

fn reason_of(fields: &Fields<'_>) -> Option<String> {
    Some(fields.text("why"))
        .filter(|why| !why.is_empty())
        .map(str::to_owned)
}

/// An entry, changed.
pub(super) async fn edited(asker: &Asker<'_>, number: EntryNumber, fields: &Fields<'_>) -> Told {
    let entry = known(asker, number).await?;
    let word = fields.text("kind");
    // The kinds that the bot writes have names that nobody types; left as they are, they stay.
    let kind = if word == entry.kind.id() {
        None
    } else {
        kind_of(word, asker.data.desk.prefixes())?
    };
    let change = EntryChange {
        text: Some(fields.text("text").to_owned()),
        at: Some(fields.text("at").to_owned()),
        kind,
        ..EntryChange::default()
    };
    asker.change_entry(number, change, reason_of(fields)).await
}

/// What a decision was made from, changed.
pub(super) async fn choice_edited(
    asker: &Asker<'_>,
    number: EntryNumber,
    fields: &Fields<'_>,
) -> Told {
    let change = EntryChange {
        choice: Some(choice_of(fields)),
        ..EntryChange::default()
    };
    asker.change_entry(number, change, reason_of(fields)).await
}
