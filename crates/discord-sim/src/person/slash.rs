//! Typing a slash command: from a line of text to what Discord sends.

use serde_json::{Value, json};

use super::resolve::{Resolved, Wanted};
use crate::error::Refused;
use crate::model::{Command, World};

/// What is known about the option being typed.
pub(super) enum Completion {
    /// The definition itself lists the choices.
    Fixed(Vec<(String, String)>),
    /// The bot must be asked.
    Ask { name: String, data: Value },
}

/// A line taken apart.
struct Line<'a> {
    command: &'a Command,
    /// The subcommand group and subcommand, with their types.
    path: Vec<(u64, &'a str)>,
    /// The options that take values.
    options: &'a [Value],
    /// What was typed after the names.
    rest: &'a str,
}

impl Line<'_> {
    fn full_name(&self) -> String {
        let mut name = self.command.name.clone();
        for (_, part) in &self.path {
            name.push(' ');
            name.push_str(part);
        }
        name
    }

    fn data(&self, world: &World, options: Vec<Value>, resolved: Resolved) -> Value {
        let mut options = options;
        for (kind, name) in self.path.iter().rev() {
            options = vec![json!({"type": kind, "name": name, "options": options})];
        }
        let mut data =
            json!({"id": self.command.id.to_string(), "name": self.command.name, "type": 1});
        if !options.is_empty() {
            data["options"] = Value::Array(options);
        }
        if !resolved.is_empty() {
            data["resolved"] = resolved.json();
        }
        if self.command.in_guild {
            data["guild_id"] = json!(world.guild.id.to_string());
        }
        data
    }
}

/// Takes a line apart as far as its command and subcommand.
fn take_apart<'a>(
    world: &'a World,
    person: u64,
    channel_id: u64,
    line: &'a str,
) -> Result<Line<'a>, Refused> {
    let Some(typed) = line.trim_start().strip_prefix('/') else {
        return Err(Refused::because("a command begins with /"));
    };
    if !world.sees(person, channel_id) {
        return Err(Refused::because("you cannot see this channel"));
    }
    let (name, mut rest) = word(typed);
    let usable = world.usable_commands(person, channel_id);
    let command = usable
        .iter()
        .find(|command| command.kind == 1 && command.name == name)
        .ok_or_else(|| {
            let known: Vec<String> = usable
                .iter()
                .filter(|command| command.kind == 1)
                .map(|command| format!("/{}", command.name))
                .collect();
            Refused::because(format!(
                "there is no command /{name} for you here; there are: {}",
                known.join(", ")
            ))
        })?;
    let mut options = command.options();
    let mut path = Vec::new();
    while options
        .iter()
        .any(|option| matches!(option["type"].as_u64(), Some(1 | 2)))
    {
        let (name, after) = word(rest);
        let Some(option) = options.iter().find(|option| option["name"] == name) else {
            let known: Vec<&str> = options
                .iter()
                .filter_map(|option| option["name"].as_str())
                .collect();
            return Err(Refused::because(format!(
                "\"{name}\" is no part of /{}; it has: {}",
                command.name,
                known.join(", ")
            )));
        };
        path.push((
            option["type"].as_u64().unwrap_or(1),
            option["name"].as_str().unwrap_or_default(),
        ));
        options = option["options"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        rest = after;
    }
    Ok(Line {
        command,
        path,
        options,
        rest,
    })
}

fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_once(char::is_whitespace).unwrap_or((text, ""))
}

fn name_of(option: &Value) -> &str {
    option["name"].as_str().unwrap_or_default()
}

/// Splits `some words severity:SEV1 title:Down` into what was typed before any name, and name-value pairs.
fn split<'a>(options: &'a [Value], rest: &'a str) -> (&'a str, Vec<(&'a Value, &'a str)>) {
    let mut starts: Vec<(usize, usize, &Value)> = Vec::new();
    for option in options {
        let label = format!("{}:", name_of(option));
        for (at, _) in rest.match_indices(&label) {
            if at == 0 || rest[..at].ends_with(char::is_whitespace) {
                starts.push((at, at + label.len(), option));
            }
        }
    }
    starts.sort_by_key(|(at, _, _)| *at);
    let before = starts
        .first()
        .map_or(rest, |(at, _, _)| &rest[..*at])
        .trim();
    let ends = starts
        .iter()
        .skip(1)
        .map(|(at, _, _)| *at)
        .chain([rest.len()]);
    let pairs = starts
        .iter()
        .zip(ends)
        .map(|((_, from, option), to)| (*option, rest[*from..to].trim()))
        .collect();
    (before, pairs)
}

/// The option that words without a name belong to.
fn positional<'a>(options: &'a [Value], given: &[(&'a Value, &str)]) -> Option<&'a Value> {
    let open: Vec<&Value> = options
        .iter()
        .filter(|option| !given.iter().any(|(one, _)| name_of(one) == name_of(option)))
        .collect();
    let required: Vec<&&Value> = open
        .iter()
        .filter(|option| option["required"] == true)
        .collect();
    match (required.as_slice(), open.as_slice()) {
        ([one], _) => Some(one),
        ([], [one]) => Some(one),
        _ => None,
    }
}

/// Reads a whole command; answers its full name and the interaction's data.
pub(super) fn parse(
    world: &World,
    person: u64,
    channel_id: u64,
    text: &str,
) -> Result<(String, Value), Refused> {
    let line = take_apart(world, person, channel_id, text)?;
    let (before, mut given) = split(line.options, line.rest);
    if !before.is_empty() {
        let option = positional(line.options, &given).ok_or_else(|| {
            let known: Vec<&str> = line.options.iter().map(name_of).collect();
            Refused::because(format!(
                "say which option \"{before}\" is for; there are: {}",
                known.join(", ")
            ))
        })?;
        given.insert(0, (option, before));
    }
    for option in line
        .options
        .iter()
        .filter(|option| option["required"] == true)
    {
        let filled = given
            .iter()
            .any(|(one, value)| name_of(one) == name_of(option) && !value.is_empty());
        if !filled {
            return Err(Refused::because(format!(
                "the option \"{}\" is required",
                name_of(option)
            )));
        }
    }
    let mut resolved = Resolved::default();
    let mut values = Vec::new();
    for (option, text) in given.into_iter().filter(|(_, text)| !text.is_empty()) {
        let value = value_of(world, person, channel_id, option, text, &mut resolved)?;
        values.push(json!({"type": option["type"], "name": option["name"], "value": value}));
    }
    let data = line.data(world, values, resolved);
    Ok((line.full_name(), data))
}

/// Reads a command whose last option is still being typed.
pub(super) fn parse_for_completion(
    world: &World,
    person: u64,
    channel_id: u64,
    text: &str,
) -> Result<Completion, Refused> {
    let line = take_apart(world, person, channel_id, text)?;
    let (before, mut given) = split(line.options, line.rest);
    if given.is_empty() || !before.is_empty() {
        let first_completed = || {
            line.options
                .iter()
                .find(|option| option["autocomplete"] == true)
        };
        let option = positional(line.options, &given).or_else(first_completed);
        let option =
            option.ok_or_else(|| Refused::because("none of the options can be completed"))?;
        given.insert(0, (option, before));
    }
    let Some((focused, typed)) = given.pop() else {
        return Err(Refused::because("there is no option to complete"));
    };
    if focused["autocomplete"] != true {
        let typed = typed.to_lowercase();
        let choices = focused["choices"].as_array().into_iter().flatten();
        let named = choices.map(|choice| {
            let value = &choice["value"];
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            (choice["name"].as_str().unwrap_or_default().to_owned(), text)
        });
        return Ok(Completion::Fixed(
            named
                .filter(|(name, _)| name.to_lowercase().contains(&typed))
                .collect(),
        ));
    }
    let mut resolved = Resolved::default();
    let mut values = Vec::new();
    for (option, text) in given {
        // What was typed before may be unfinished; a client sends what it can.
        if let Ok(value) = value_of(world, person, channel_id, option, text, &mut resolved) {
            values.push(json!({"type": option["type"], "name": option["name"], "value": value}));
        }
    }
    values.push(
        json!({"type": focused["type"], "name": focused["name"], "value": typed, "focused": true}),
    );
    let data = line.data(world, values, resolved);
    Ok(Completion::Ask {
        name: line.full_name(),
        data,
    })
}

/// The value of an option as Discord sends it.
fn value_of(
    world: &World,
    person: u64,
    channel_id: u64,
    option: &Value,
    text: &str,
    resolved: &mut Resolved,
) -> Result<Value, Refused> {
    let name = name_of(option);
    if let Some(choices) = option["choices"].as_array() {
        let named = |choice: &&Value| {
            let value = choice["value"]
                .as_str()
                .map_or_else(|| choice["value"].to_string(), str::to_owned);
            value == text
                || choice["name"]
                    .as_str()
                    .is_some_and(|one| one.eq_ignore_ascii_case(text))
        };
        let choice = choices.iter().find(named).ok_or_else(|| {
            let known: Vec<&str> = choices
                .iter()
                .filter_map(|choice| choice["name"].as_str())
                .collect();
            Refused::because(format!(
                "\"{text}\" is no choice of \"{name}\"; there are: {}",
                known.join(", ")
            ))
        })?;
        return Ok(choice["value"].clone());
    }
    let mut take = |wanted| {
        resolved
            .take(world, person, channel_id, wanted, text)
            .map(|id| json!(id.to_string()))
    };
    match option["type"].as_u64() {
        Some(3) => {
            let length = text.chars().count() as u64;
            let least = option["min_length"].as_u64().unwrap_or(0);
            let most = option["max_length"].as_u64().unwrap_or(6000);
            if length < least || length > most {
                return Err(Refused::because(format!(
                    "\"{name}\" takes {least} to {most} characters, not {length}"
                )));
            }
            Ok(json!(text))
        }
        Some(4) => {
            let number: i64 = text
                .parse()
                .map_err(|_| Refused::because(format!("\"{name}\" takes a whole number")))?;
            within(option, name, number as f64)?;
            Ok(json!(number))
        }
        Some(10) => {
            let number: f64 = text
                .parse()
                .map_err(|_| Refused::because(format!("\"{name}\" takes a number")))?;
            within(option, name, number)?;
            Ok(json!(number))
        }
        Some(5) => match text.to_lowercase().as_str() {
            "true" | "yes" => Ok(json!(true)),
            "false" | "no" => Ok(json!(false)),
            _ => Err(Refused::because(format!("\"{name}\" takes True or False"))),
        },
        Some(6) => take(Wanted::User),
        Some(7) => take(Wanted::Channel),
        Some(8) => take(Wanted::Role),
        Some(9) => take(Wanted::Mentionable),
        Some(11) => resolved
            .file(world, text)
            .map(|id| json!(id.to_string()))
            .ok_or_else(|| {
                Refused::because(format!("\"{name}\" takes a file, and \"{text}\" is none"))
            }),
        _ => Err(Refused::because(format!("\"{name}\" cannot be typed"))),
    }
}

fn within(option: &Value, name: &str, number: f64) -> Result<(), Refused> {
    let below = option["min_value"]
        .as_f64()
        .is_some_and(|least| number < least);
    let above = option["max_value"]
        .as_f64()
        .is_some_and(|most| number > most);
    if below || above {
        return Err(Refused::because(format!(
            "{number} is out of bounds for \"{name}\""
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_reach_to_the_next_option_name() {
        let options = [json!({"name": "title"}), json!({"name": "severity"})];
        let (before, pairs) = split(&options, "title:Checkout is down: again severity:SEV1");
        assert_eq!(before, "");
        let pairs: Vec<_> = pairs
            .into_iter()
            .map(|(option, text)| (name_of(option), text))
            .collect();
        assert_eq!(
            pairs,
            [("title", "Checkout is down: again"), ("severity", "SEV1")]
        );
    }

    #[test]
    fn words_without_a_name_belong_to_the_one_required_option() {
        let options = [
            json!({"name": "title", "required": true}),
            json!({"name": "severity"}),
        ];
        let (before, pairs) = split(&options, "Checkout is down severity:SEV2");
        assert_eq!(before, "Checkout is down");
        assert_eq!(positional(&options, &pairs).map(name_of), Some("title"));
    }
}
