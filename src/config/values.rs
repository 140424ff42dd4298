//! How single values are written: durations, addresses, URLs, names and ids. Each parser says what it expected.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use bridgewatch_core::routing::{CorrelationKey, NotACorrelationKey};
use chrono::NaiveTime;
use chrono_tz::{TZ_VARIANTS, Tz};
use reqwest::Url;

use super::problem::{Wrong, nearest};
use super::{Capture, LogFormat, NameOrId, WebhookKind};

/// The longest duration a setting may have: ten years, far above any of them and far below any overflow.
const LONGEST_SECONDS: u64 = 10 * 365 * 24 * 60 * 60;

/// `90s`, `20m`, `1h30m`, `7d`, `4w`: whole numbers with units, the largest unit first; `0s` is no time at all.
pub(super) fn duration(text: &str) -> Result<Duration, Wrong> {
    let wrong = |what: &str| {
        Wrong::new(
            format!("`{text}` is not a duration: {what}"),
            "write a whole number and a unit, largest unit first: 90s, 20m, 1h30m, 7d, 4w",
        )
    };
    let mut seconds: u64 = 0;
    let mut smallest_unit = u64::MAX;
    let mut rest = text;
    if rest.is_empty() {
        return Err(wrong("it is empty"));
    }
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let number: u64 = number
            .parse()
            .map_err(|_| wrong("it must start with a whole number"))?;
        let unit = match after.chars().next() {
            None => return Err(wrong("the unit is missing")),
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 60 * 60,
            Some('d') => 24 * 60 * 60,
            Some('w') => 7 * 24 * 60 * 60,
            Some(_) => return Err(wrong("the unit is none of s, m, h, d, w")),
        };
        if unit >= smallest_unit {
            return Err(wrong("its units are out of order"));
        }
        smallest_unit = unit;
        seconds = number
            .checked_mul(unit)
            .and_then(|part| part.checked_add(seconds))
            .filter(|total| *total <= LONGEST_SECONDS)
            .ok_or_else(|| wrong("it is longer than ten years"))?;
        rest = &after[1..];
    }
    Ok(Duration::from_secs(seconds))
}

/// A duration that is not zero.
pub(super) fn duration_above_zero(text: &str) -> Result<Duration, Wrong> {
    let duration = duration(text)?;
    if duration.is_zero() {
        return Err(Wrong::new(
            format!("`{text}` is no time at all"),
            "write a duration of at least 1s",
        ));
    }
    Ok(duration)
}

/// Time between two updates: a shorter one than five minutes makes people stop reading.
pub(super) fn cadence(text: &str) -> Result<Duration, Wrong> {
    let duration = duration(text)?;
    if duration < Duration::from_secs(5 * 60) {
        return Err(Wrong::new(
            format!("`{text}` is less than five minutes between two updates"),
            "write at least 5m",
        ));
    }
    Ok(duration)
}

/// A whole number from `least` up.
pub(super) fn whole_number(least: u32) -> impl Fn(&str) -> Result<u32, Wrong> {
    move |text| {
        text.parse()
            .ok()
            .filter(|number| *number >= least)
            .ok_or_else(|| {
                Wrong::new(
                    format!("`{text}` is not a whole number from {least} up"),
                    format!("write a number such as {}", least.max(1)),
                )
            })
    }
}

/// Whether something is wanted.
pub(super) fn on_or_off(text: &str) -> Result<bool, Wrong> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(Wrong::new(
            format!("`{text}` is neither on nor off"),
            "write \"on\" or \"off\"",
        )),
    }
}

/// A number of bytes.
pub(super) fn bytes(text: &str) -> Result<usize, Wrong> {
    text.parse()
        .ok()
        .filter(|bytes| (1024..=1024 * 1024 * 1024).contains(bytes))
        .ok_or_else(|| {
            Wrong::new(
                format!("`{text}` is not a number of bytes between 1024 and 1073741824"),
                "write a whole number of bytes; 16777216 is 16 MiB",
            )
        })
}

/// A number of bytes of files, up to so many MiB; 0 keeps none.
pub(super) fn file_bytes(most_mib: u64) -> impl Fn(&str) -> Result<u64, Wrong> {
    let most_bytes = most_mib * 1024 * 1024;
    move |text| {
        text.parse()
            .ok()
            .filter(|bytes| *bytes <= most_bytes)
            .ok_or_else(|| {
                Wrong::new(
                    format!("`{text}` is not a number of bytes between 0 and {most_bytes}"),
                    "write a whole number of bytes; 8388608 is 8 MiB, 0 copies no file",
                )
            })
    }
}

/// An address to listen on.
pub(super) fn address(text: &str) -> Result<SocketAddr, Wrong> {
    text.parse().map_err(|_| {
        Wrong::new(
            format!("`{text}` is not an address with a port"),
            "write an IP address and a port, such as 127.0.0.1:9095 or [::1]:9095",
        )
    })
}

/// A Discord id: a positive whole number.
pub(super) fn id(text: &str) -> Result<u64, Wrong> {
    text.parse().ok().filter(|id| *id > 0).ok_or_else(|| {
        Wrong::new(
            format!("`{text}` is not a Discord id"),
            "in Discord switch on Settings > Advanced > Developer Mode, then right-click and choose Copy ID",
        )
    })
}

/// The id or the name of a channel, category or role.
pub(super) fn name_or_id(text: &str) -> Result<NameOrId, Wrong> {
    let name = text.trim().trim_start_matches(['#', '@']);
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Wrong::new(
            format!("`{text}` is neither a name of 1 to 100 characters nor an id"),
            "write the name as Discord shows it, or the id",
        ));
    }
    // A snowflake has at least 15 digits; a shorter number is somebody's channel called "911".
    if name.len() >= 15
        && let Ok(id) = name.parse()
    {
        return Ok(NameOrId::Id(id));
    }
    Ok(NameOrId::Name(name.to_owned()))
}

/// Discord's own address, or a local stand-in's.
pub(super) fn api_url(text: &str) -> Result<String, Wrong> {
    let mend = "write https://discord.com, or http://127.0.0.1:<port> for a local stand-in";
    let url = Url::parse(text).map_err(|error| Wrong::new(format!("not a URL: {error}"), mend))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Wrong::new("a URL with a user name or password", mend));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(Wrong::new(
            "a URL with more than scheme, host and port",
            mend,
        ));
    }
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
        return Err(Wrong::new(
            "the bot's token would cross the network unencrypted",
            mend,
        ));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// A URL that is itself a secret: https, or http to this machine. No part of it appears in the error.
pub(super) fn secret_url(text: &str) -> Result<(), Wrong> {
    let mend = "write the whole https:// URL (http:// is allowed for this machine only)";
    let url = Url::parse(text).map_err(|error| Wrong::new(format!("not a URL: {error}"), mend))?;
    if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) {
        Ok(())
    } else {
        Err(Wrong::new(
            "neither https nor http to this machine, so the secret in it would travel unencrypted",
            mend,
        ))
    }
}

/// An address that people open: https, so that it is safe on a button, and at most what a button takes.
pub(super) fn https_url(text: &str) -> Result<String, Wrong> {
    const MOST_BYTES: usize = 512;
    let mend = "write the whole https:// address, at most 512 characters long";
    let url = Url::parse(text).map_err(|error| Wrong::new(format!("not a URL: {error}"), mend))?;
    if url.scheme() == "https" && url.as_str().len() <= MOST_BYTES {
        Ok(url.into())
    } else {
        Err(Wrong::new(
            "not an https address of at most 512 characters",
            mend,
        ))
    }
}

fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        literal == "localhost"
            || literal
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    })
}

/// A token as it travels in a header: visible ASCII without commas.
pub(super) fn token(text: &str) -> Result<(), Wrong> {
    if text.starts_with("Bot ") || text.starts_with("Bearer ") {
        return Err(Wrong::new(
            "starts with the name of a scheme",
            "write the bare token, without `Bot ` or `Bearer `",
        ));
    }
    if text.chars().all(|c| c.is_ascii_graphic() && c != ',') {
        return Ok(());
    }
    Err(Wrong::new(
        "holds a blank, a comma or a character that cannot stand in a header",
        "use letters, digits and signs only; `openssl rand -hex 32` makes a good one",
    ))
}

/// The name of an HTTP header.
pub(super) fn header_name(text: &str) -> Result<String, Wrong> {
    match reqwest::header::HeaderName::try_from(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(Wrong::new(
            format!("`{text}` is not the name of an HTTP header"),
            "write it as at the sender, such as X-Grafana-Alerting-Timestamp",
        )),
    }
}

/// The database's URL.
pub(super) fn database_url(text: &str) -> Result<String, Wrong> {
    let mend = "write sqlite:<path of the file>, such as sqlite:bridgewatch.db";
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Err(Wrong::new("PostgreSQL is not in this build yet", mend));
    }
    match text.strip_prefix("sqlite:") {
        Some(path) if !path.trim_start_matches('/').is_empty() => Ok(text.to_owned()),
        _ => Err(Wrong::new("is not the URL of a database we know", mend)),
    }
}

/// A folder that exists.
pub(super) fn folder(text: &str) -> Result<PathBuf, Wrong> {
    let path = PathBuf::from(text);
    if path.is_dir() {
        return Ok(path);
    }
    Err(Wrong::new(
        format!("`{text}` is not a folder"),
        "name an existing folder (relative paths start at the working directory), or remove the setting",
    ))
}

/// A file that exists.
pub(super) fn file(text: &str) -> Result<PathBuf, Wrong> {
    let path = PathBuf::from(text);
    if path.is_file() {
        return Ok(path);
    }
    Err(Wrong::new(
        format!("`{text}` is not a file"),
        "name an existing file (relative paths start at the working directory), or remove the setting",
    ))
}

/// A few words on one printed line.
pub(super) fn line(text: &str) -> Result<String, Wrong> {
    const MAX_CHARACTERS: usize = 80;
    let text = text.trim();
    let fits = (1..=MAX_CHARACTERS).contains(&text.chars().count());
    if fits && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(
        format!("`{}` does not fit on one line", text.escape_debug()),
        format!("write 1 to {MAX_CHARACTERS} characters on one line, or remove the setting"),
    ))
}

/// An IANA time zone.
pub(super) fn timezone(text: &str) -> Result<Tz, Wrong> {
    text.parse().map_err(|_| {
        let mend = match nearest(text, TZ_VARIANTS.iter().map(|zone| zone.name())) {
            Some(near) => format!("did you mean {near}?"),
            None => "write an IANA name such as Europe/Berlin, or UTC".into(),
        };
        Wrong::new(format!("`{text}` is not a time zone"), mend)
    })
}

/// A name of 1 to 60 characters.
pub(super) fn name(text: &str) -> Result<String, Wrong> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 60 {
        return Err(Wrong::new(
            "is empty or longer than 60 characters",
            "write a short name; people see it when a message goes out",
        ));
    }
    Ok(name.to_owned())
}

/// Which messages of an incident's channel are kept.
pub(super) fn capture(text: &str) -> Result<Capture, Wrong> {
    match text {
        "marked" => Ok(Capture::Marked),
        "all" => Ok(Capture::All),
        _ => Err(one_of(text, &["marked", "all"])),
    }
}

/// How a webhook wants its body.
pub(super) fn webhook_kind(text: &str) -> Result<WebhookKind, Wrong> {
    match text {
        "generic" => Ok(WebhookKind::Generic),
        "slack" => Ok(WebhookKind::Slack),
        _ => Err(one_of(text, &["generic", "slack"])),
    }
}

/// The name of a label of alerts, as senders write it.
pub(super) fn label(text: &str) -> Result<String, Wrong> {
    let fits = (1..=100).contains(&text.chars().count());
    if fits && !text.contains(|c: char| c.is_whitespace() || c.is_control() || "=+\"".contains(c)) {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(
        format!("`{}` is not the name of a label", text.escape_debug()),
        "write the name alone, such as severity; without a value, blanks, = and +",
    ))
}

/// The value of a label, in lower case: senders write `Critical` and mean `critical`.
pub(super) fn label_value(text: &str) -> Result<String, Wrong> {
    let value = text.trim().to_lowercase();
    if (1..=100).contains(&value.chars().count()) && !value.contains(char::is_control) {
        return Ok(value);
    }
    Err(Wrong::new(
        format!("`{}` is not the value of a label", text.escape_debug()),
        "write a value of 1 to 100 characters, such as critical",
    ))
}

/// A label by which alerts belong together, or several of which all must agree: `service`, `namespace+job`.
pub(super) fn correlation_key(text: &str) -> Result<CorrelationKey, Wrong> {
    let mend = "write the name of a label, such as service, or several that count together, such as namespace+job";
    let labels = text.split('+').map(|part| label(part.trim()));
    labels
        .collect::<Result<Vec<_>, _>>()
        .map_err(|wrong| Wrong::new(wrong.what, mend))?;
    text.parse()
        .map_err(|wrong: NotACorrelationKey| Wrong::new(wrong.to_string(), mend))
}

/// A time of day on the wall.
pub(super) fn time_of_day(text: &str) -> Result<NaiveTime, Wrong> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| {
        Wrong::new(
            format!("`{text}` is not a time of day"),
            "write hours and minutes, such as 22:00 or 06:30",
        )
    })
}

/// How log lines look.
pub(super) fn log_format(text: &str) -> Result<LogFormat, Wrong> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(one_of(text, &["text", "json"])),
    }
}

/// What is logged.
pub(super) fn log_filter(text: &str) -> Result<String, Wrong> {
    let levels = ["off", "error", "warn", "info", "debug", "trace"];
    let is_plain = |part: &&str| !part.is_empty() && !part.contains(['=', '[']);
    // A word that is no level would name a part of the program, and silence all others.
    let mistyped = text
        .split(',')
        .map(str::trim)
        .filter(is_plain)
        .find(|part| !levels.contains(&part.to_ascii_lowercase().as_str()));
    if let Some(part) = mistyped {
        let mend = match nearest(part, levels) {
            Some(near) => {
                format!("did you mean `{near}`? For one part of the program, write {part}=debug")
            }
            None => format!(
                "write a level (error, warn, info, debug, trace), or {part}=debug for one part"
            ),
        };
        return Err(Wrong::new(format!("`{part}` is not a level"), mend));
    }
    match tracing_subscriber::EnvFilter::builder().parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(Wrong::new(
            format!("`{text}` is not a log filter: {error}"),
            "write a level (error, warn, info, debug, trace), or levels by part: info,bridgewatch=debug",
        )),
    }
}

fn one_of(text: &str, allowed: &[&str]) -> Wrong {
    let mend = match nearest(text, allowed.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write one of: {}", allowed.join(", ")),
    };
    Wrong::new(
        format!("`{text}` is not one of {}", allowed.join(", ")),
        mend,
    )
}
