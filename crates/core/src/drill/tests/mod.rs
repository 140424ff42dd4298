mod announcements;
mod cron;
mod plain_cron;
mod reading;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::*;
use crate::oncall::{People, Person};
use crate::person::PersonId;
use crate::team_file::Weight;
use crate::wall_clock;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("the test writes an instant")
}

fn wall(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("the test writes a time")
}

fn berlin(text: &str) -> DateTime<Utc> {
    wall_clock::instant_of(Tz::Europe__Berlin, wall(text))
}

fn people() -> People {
    let mut people = People::default();
    for (key, id, name) in [("sam", 1, "Sam"), ("mo", 4, "Mo")] {
        let person = Person {
            id: PersonId(id),
            name: name.to_owned(),
            timezone: None,
        };
        people.insert(key, person);
    }
    people
}

fn drills(text: &str) -> Drills {
    let checked = parse("drills.toml", text, &people())
        .unwrap_or_else(|refused| panic!("the test writes a good plan: {refused}"));
    assert_eq!(checked.warnings, []);
    checked.value
}

/// A plan of one schedule that differs from the others only in its cron and zone.
fn drills_at(id: &str, cron: &str, zone: &str) -> String {
    format!(
        "[[schedule]]\nid = \"{id}\"\nscenario = \"3am-outage\"\ntitle = \"3 AM outage\"\ncron = \"{cron}\"\ntimezone = \"{zone}\"\nplayers = [\"role:oncall-team\"]\nfacilitator = \"@mo\"\nlength_minutes = 75\n"
    )
}

fn on_the_wall(fires: &[DateTime<Utc>], zone: Tz) -> String {
    let texts: Vec<String> = fires
        .iter()
        .map(|fire| {
            fire.with_timezone(&zone)
                .format("%a %Y-%m-%d %H:%M")
                .to_string()
        })
        .collect();
    texts.join(", ")
}
