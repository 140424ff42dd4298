//! From a card to Discord's JSON. The only place that knows Discord's size limits: a text that is too long is cut here, so
//! that a long alert name never costs the message.
//!
//! Lengths are counted in UTF-16 units. Discord's own count is never larger, so a text that fits here fits there.

use std::collections::BTreeSet;

use bridgewatch_core::card::{
    Act, ActMenu, Button, Card, Does, Look, Menu, MenuOption, Ping, Press, Row, Tone,
};
use serde_json::{Value, json};

use crate::buttons::encode;
use crate::forms::{Field, Form};

/// The most text of a message outside its embed.
pub const MAX_CONTENT: usize = 2_000;
/// The longest title of an embed.
pub const MAX_EMBED_TITLE: usize = 256;
/// The longest text of an embed.
pub const MAX_EMBED_DESCRIPTION: usize = 4_096;
/// The longest last line of an embed.
pub const MAX_EMBED_FOOTER: usize = 2_048;
/// The most text of all embeds of a message together.
pub const MAX_EMBED_TOTAL: usize = 6_000;
/// The longest words on a button.
pub const MAX_BUTTON_LABEL: usize = 80;
/// The longest address behind a button.
pub const MAX_BUTTON_URL: usize = 512;
/// The most rows of a message.
pub const MAX_ROWS: usize = 5;
/// The most buttons of a row.
pub const MAX_BUTTONS: usize = 5;
/// The most options of a menu.
pub const MAX_OPTIONS: usize = 25;
/// The longest value, label or description of an option.
pub const MAX_OPTION_TEXT: usize = 100;
/// The longest hint of a menu.
pub const MAX_MENU_HINT: usize = 150;
/// The most people whom one message can ping.
pub const MAX_PINGS: usize = 100;
/// The longest heading of a form, and the longest label of a field.
pub const MAX_FORM_WORDS: usize = 45;
/// The longest hint of an empty field.
pub const MAX_FIELD_HINT: usize = 100;
/// The most fields of a form.
pub const MAX_FIELDS: usize = 5;
/// The longest text of a field.
pub const MAX_FIELD_TEXT: u16 = 4_000;

/// A message in Discord's terms.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rendered {
    /// Discord's Markdown, at most [`MAX_CONTENT`].
    pub content: String,
    /// At most one embed, as Discord's JSON.
    pub embeds: Vec<Value>,
    /// Action rows as Discord's JSON.
    pub components: Vec<Value>,
    /// The user ids it pings; each is named in `content`, without which Discord pings nobody.
    pub ping: Vec<u64>,
    /// Whether phones stay silent.
    pub quiet: bool,
}

impl Rendered {
    /// The body of a message: what an interaction's answer, a new message and an edit have in common.
    ///
    /// Everything is always present, so that an edit leaves nothing old behind; and nothing in the text can ping.
    #[must_use]
    pub fn body(&self) -> Value {
        let people: Vec<String> = self.ping.iter().map(ToString::to_string).collect();
        let mut mentions = json!({ "parse": [], "replied_user": false });
        if !people.is_empty() {
            mentions["users"] = json!(people);
        }
        json!({
            "content": self.content,
            "embeds": self.embeds,
            "components": self.components,
            "allowed_mentions": mentions,
        })
    }
}

/// A card in Discord's terms. Never an empty message, and never one that Discord refuses for its size.
#[must_use]
pub fn render(card: &Card) -> Rendered {
    let ping = match &card.ping {
        Ping::Nobody => Vec::new(),
        Ping::People(people) => {
            let mut seen = BTreeSet::new();
            people
                .iter()
                .map(|person| person.0)
                .filter(|person| *person != 0 && seen.insert(*person))
                .take(MAX_PINGS)
                .collect()
        }
    };
    let embeds: Vec<Value> = embed(card).into_iter().collect();
    let components = rows(&card.rows);
    let (mut content, ping) = content(card, ping);
    if content.is_empty() && embeds.is_empty() {
        content = if components.is_empty() {
            "Nothing to show."
        } else {
            "Choose:"
        }
        .to_owned();
    }
    Rendered {
        content,
        embeds,
        components,
        ping,
        quiet: card.quiet,
    }
}

/// The text with everybody named who is pinged, and who that is: Discord pings only whom the text names.
fn content(card: &Card, ping: Vec<u64>) -> (String, Vec<u64>) {
    let text = card.content.trim();
    // A name behind the cut would be lost with it.
    let sure_to_stay = cut(text, MAX_CONTENT / 2);
    let mut names = String::new();
    let mut named = Vec::new();
    for person in ping {
        let name = format!("<@{person}>");
        if !sure_to_stay.contains(&name) {
            if names.len() + name.len() + 1 > MAX_CONTENT / 2 {
                continue;
            }
            names.push_str(&name);
            names.push(' ');
        }
        named.push(person);
    }
    let text = cut(text, MAX_CONTENT - names.len());
    (format!("{names}{text}").trim().to_owned(), named)
}

fn embed(card: &Card) -> Option<Value> {
    let title = cut(card.title.trim(), MAX_EMBED_TITLE);
    let footer = cut(card.footer.trim(), MAX_EMBED_FOOTER);
    let room = MAX_EMBED_TOTAL - length(&title) - length(&footer);
    let body = cut(card.body.trim(), MAX_EMBED_DESCRIPTION.min(room));
    if title.is_empty() && body.is_empty() && footer.is_empty() {
        return None;
    }
    let mut embed = json!({ "color": colour(card.tone) });
    if !title.is_empty() {
        embed["title"] = json!(title);
    }
    if !body.is_empty() {
        embed["description"] = json!(body);
    }
    if !footer.is_empty() {
        embed["footer"] = json!({ "text": footer });
    }
    Some(embed)
}

/// The edge of the card. The word beside it says the same, for those who do not see the colour.
fn colour(tone: Tone) -> u32 {
    match tone {
        Tone::Plain => 0x005B_7083,
        Tone::Critical => 0x00D8_3C3E,
        Tone::Major => 0x00E6_7E22,
        Tone::Minor => 0x00F1_C40F,
        Tone::Good => 0x002E_CC71,
        Tone::Over => 0x0095_A5A6,
    }
}

fn rows(rows: &[Row]) -> Vec<Value> {
    // Discord refuses a message in which two components have the same id.
    let mut seen = BTreeSet::new();
    rows.iter()
        .filter_map(|row| match row {
            Row::Buttons(row) => buttons(row, &mut seen),
            Row::Menu(menu) => self::menu(menu, &mut seen),
            Row::Acts(menu) => acts(menu, &mut seen),
            Row::People { hint, press } => people(hint, press, &mut seen),
        })
        .take(MAX_ROWS)
        .collect()
}

fn buttons(row: &[Button], seen: &mut BTreeSet<String>) -> Option<Value> {
    let buttons: Vec<Value> = row
        .iter()
        .filter_map(|one| button(one, seen))
        .take(MAX_BUTTONS)
        .collect();
    (!buttons.is_empty()).then(|| action_row(buttons))
}

fn button(button: &Button, seen: &mut BTreeSet<String>) -> Option<Value> {
    let label = or_dots(cut(button.label.trim(), MAX_BUTTON_LABEL));
    match &button.does {
        Does::Open(url) => (is_web(url) && length(url) <= MAX_BUTTON_URL)
            .then(|| json!({ "type": 2, "style": 5, "label": label, "url": url })),
        Does::Press(press) => {
            let style = match button.look {
                Look::Primary => 1,
                Look::Plain => 2,
                Look::Good => 3,
                Look::Risky => 4,
            };
            let id = encode(press);
            seen.insert(id.clone())
                .then(|| json!({ "type": 2, "style": style, "label": label, "custom_id": id }))
        }
    }
}

fn menu(menu: &Menu, seen: &mut BTreeSet<String>) -> Option<Value> {
    let mut values = BTreeSet::new();
    let options: Vec<Value> = menu
        .options
        .iter()
        .filter_map(|option| {
            let value = cut(&option.value, MAX_OPTION_TEXT);
            if value.is_empty() || !values.insert(value.clone()) {
                return None;
            }
            let label = or_dots(cut(option.label.trim(), MAX_OPTION_TEXT));
            let description = cut(option.description.trim(), MAX_OPTION_TEXT);
            let mut json = json!({ "label": label, "value": value });
            if !description.is_empty() {
                json["description"] = Value::String(description);
            }
            Some(json)
        })
        .take(MAX_OPTIONS)
        .collect();
    let id = encode(&menu.press);
    if options.is_empty() || !seen.insert(id.clone()) {
        return None;
    }
    let most = usize::from(menu.most).clamp(1, options.len());
    Some(action_row(vec![json!({
        "type": 3,
        "custom_id": id,
        "placeholder": or_dots(cut(menu.hint.trim(), MAX_MENU_HINT)),
        "min_values": 1,
        "max_values": most,
        "options": options,
    })]))
}

/// The value of each option is the component id of the button it stands for.
fn acts(menu: &ActMenu, seen: &mut BTreeSet<String>) -> Option<Value> {
    let options = menu.options.iter().map(|(label, press)| MenuOption {
        value: encode(press),
        label: label.clone(),
        description: String::new(),
    });
    self::menu(
        &Menu {
            hint: menu.group.title().to_owned(),
            options: options.collect(),
            most: 1,
            press: Press::any_time(menu.incident, Act::Choose(menu.group)),
        },
        seen,
    )
}

fn people(hint: &str, press: &Press, seen: &mut BTreeSet<String>) -> Option<Value> {
    let id = encode(press);
    seen.insert(id.clone()).then(|| {
        action_row(vec![json!({
            "type": 5,
            "custom_id": id,
            "placeholder": or_dots(cut(hint.trim(), MAX_MENU_HINT)),
            "min_values": 1,
            "max_values": 1,
        })])
    })
}

fn action_row(components: Vec<Value>) -> Value {
    json!({ "type": 1, "components": components })
}

/// A form as Discord's JSON.
#[must_use]
pub fn render_form(form: &Form) -> Value {
    let rows: Vec<Value> = form
        .fields
        .iter()
        .take(MAX_FIELDS)
        .map(|one| action_row(vec![field(one)]))
        .collect();
    json!({
        "custom_id": form.id.encode(),
        "title": or_dots(cut(&form.title, MAX_FORM_WORDS)),
        "components": rows,
    })
}

fn field(field: &Field) -> Value {
    let most = field.max.clamp(1, MAX_FIELD_TEXT);
    let mut json = json!({
        "type": 4,
        "custom_id": field.id,
        "style": if field.paragraph { 2 } else { 1 },
        "label": or_dots(cut(&field.label, MAX_FORM_WORDS)),
        "min_length": field.min.min(most),
        "max_length": most,
        "required": field.required,
    });
    // Discord refuses an empty value where one is required.
    if !field.value.is_empty() {
        json["value"] = Value::String(cut(&field.value, usize::from(most)));
    }
    if !field.placeholder.is_empty() {
        json["placeholder"] = Value::String(cut(&field.placeholder, MAX_FIELD_HINT));
    }
    json
}

fn is_web(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://"))
        && !url
            .chars()
            .any(|character| character.is_whitespace() || character.is_control())
}

fn or_dots(text: String) -> String {
    if text.is_empty() {
        "…".to_owned()
    } else {
        text
    }
}

/// The length of a text as the strictest reader counts it.
pub(crate) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// A text cut to a length, with a mark where something is missing.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if length(text) <= most {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut units = 0;
    for character in text.chars() {
        units += character.len_utf16();
        if units >= most {
            break;
        }
        kept.push(character);
    }
    // Nothing fits into nothing, not even the mark.
    if most > 0 {
        kept.push('…');
    }
    kept
}
