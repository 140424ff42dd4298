//! The people a team's files speak of, by name instead of by Discord id.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use crate::person::PersonId;

/// One row of the `[people]` table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their Discord user id.
    pub id: PersonId,
    /// How they are shown, such as `Sam`.
    pub name: String,
    /// The zone they live in, if the file says so.
    pub timezone: Option<Tz>,
}

/// Everybody a file may name. Keys are written without the `@`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    by_key: BTreeMap<String, Person>,
}

/// Why a reference names nobody; what is wrong and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}. {mend}.")]
pub struct UnknownPerson {
    /// What is wrong, without a full stop.
    pub what: String,
    /// How to mend it, without a full stop.
    pub mend: String,
}

impl People {
    /// Adds somebody under `key`. The last one with a key stays.
    pub fn insert(&mut self, key: impl Into<String>, person: Person) {
        self.by_key.insert(key.into(), person);
    }

    /// Who is meant by `@sam`, `sam`, `<@1234>` or `1234`. An id need not stand in the table.
    ///
    /// # Errors
    /// When it is neither an id nor a known name.
    pub fn find(&self, reference: &str) -> Result<PersonId, UnknownPerson> {
        let reference = reference.trim();
        let bare = reference
            .strip_prefix("<@")
            .and_then(|rest| rest.strip_suffix('>'))
            .or_else(|| reference.strip_prefix('@'))
            .unwrap_or(reference);
        if !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit()) {
            return match bare.parse() {
                Ok(id) if id > 0 => Ok(PersonId(id)),
                _ => Err(UnknownPerson {
                    what: format!("`{}` is not a Discord user id", shortened(reference)),
                    mend: "Copy the id from Discord: developer mode on, right click on the person, Copy User ID"
                        .to_owned(),
                }),
            };
        }
        self.by_key
            .get(bare)
            .map(|person| person.id)
            .ok_or_else(|| UnknownPerson {
                what: format!("unknown person `{}`", shortened(reference)),
                mend: self.known_names(),
            })
    }

    /// Somebody's row of the table.
    #[must_use]
    pub fn get(&self, id: PersonId) -> Option<&Person> {
        self.by_key.values().find(|person| person.id == id)
    }

    /// How to show somebody: their name, or the form that Discord renders as one.
    #[must_use]
    pub fn name_of(&self, id: PersonId) -> String {
        self.get(id)
            .map_or_else(|| id.to_string(), |person| person.name.clone())
    }

    /// Everybody with their key, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Person)> {
        self.by_key
            .iter()
            .map(|(key, person)| (key.as_str(), person))
    }

    fn known_names(&self) -> String {
        const SHOWN: usize = 12;
        if self.by_key.is_empty() {
            return "Give them a line in [people], such as sam = { id = \"100000000000000001\" }, or write the Discord user id"
                .to_owned();
        }
        let mut names: Vec<String> = self
            .by_key
            .keys()
            .take(SHOWN)
            .map(|key| format!("@{key}"))
            .collect();
        if self.by_key.len() > SHOWN {
            names.push("…".to_owned());
        }
        format!(
            "Add them to [people] or use one of {}, or a Discord user id",
            names.join(", ")
        )
    }
}

fn shortened(text: &str) -> String {
    crate::team_file::reader::shown(text)
}
