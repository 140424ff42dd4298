//! What belongs to no incident and may hold its words all the same: changes of the systems as they were reported, pasted
//! notes that wait to be imported, and why a maintenance window was planned.

use bridgewatch_core::change::ReportedChange;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::ports::Change;
use bridgewatch_core::redaction::Scrub;
use serde_json::Value;
use sqlx::query;

use crate::queries::{Connection, Failure};

/// The name under which the intake keeps reported changes.
const CHANGE_REPORTS: &str = "change";

/// How many rows are read at once: there may be many, and few of them hold the words.
const PAGE: i64 = 500;

pub(super) async fn everything(
    connection: &mut Connection,
    change: &Change,
    scrub: &Scrub,
) -> Result<(), Failure> {
    pasted_notes(connection, change.incident, scrub).await?;
    // What others see, and what comes back from nowhere, is not torn by whoever hides a line in a hurry.
    let is_hidden_only = matches!(change.seal, Some((_, Some(_))));
    if is_hidden_only && !scrub.is_of_a_secret() {
        return Ok(());
    }
    changes(connection, scrub).await?;
    reports(connection, scrub).await?;
    windows(connection, scrub).await
}

async fn changes(connection: &mut Connection, scrub: &Scrub) -> Result<(), Failure> {
    let mut after = String::new();
    loop {
        let page = query!(
            "select id, version, who, link from change where id > $1 order by id limit $2",
            after,
            PAGE
        )
        .fetch_all(&mut *connection)
        .await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after.clone_from(&last.id);
        for row in page {
            // The service names a thing, by which other incidents know the change.
            let id = scrub
                .text(&row.id)
                .map(|_| ReportedChange::wordless(&row.id));
            let version = scrub.text(&row.version);
            let who = row.who.as_deref().and_then(|who| scrub.text(who));
            let link = row.link.as_deref().and_then(|link| scrub.text(link));
            if id.is_none() && version.is_none() && who.is_none() && link.is_none() {
                continue;
            }
            // A link that says something else leads nowhere.
            let link = if link.is_some() { None } else { row.link };
            query!(
                "update change set id = $2, version = $3, who = $4, link = $5 where id = $1",
                row.id,
                id.as_deref().unwrap_or(&row.id),
                version.unwrap_or(row.version),
                who.or(row.who),
                link
            )
            .execute(&mut *connection)
            .await?;
        }
    }
}

/// The reports as they came in.
async fn reports(connection: &mut Connection, scrub: &Scrub) -> Result<(), Failure> {
    let mut after = String::new();
    loop {
        let page = query!(
            "select hash, body from intake_body
             where hash > $1 and hash in (select body_hash from intake_receipt where source = $2)
             order by hash limit $3",
            after,
            CHANGE_REPORTS,
            PAGE
        )
        .fetch_all(&mut *connection)
        .await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after.clone_from(&last.hash);
        for row in page {
            let body = String::from_utf8_lossy(&row.body);
            let clean = match serde_json::from_str(&body) {
                Ok(report) => report_without(scrub, report),
                // What is no JSON has no names in it.
                Err(_) => scrub.text(&body),
            };
            let Some(clean) = clean else { continue };
            query!(
                "update intake_body set body = $2 where hash = $1",
                row.hash,
                clean.into_bytes()
            )
            .execute(&mut *connection)
            .await?;
        }
    }
}

/// A report without the words; the sender's name for the change stands in a field that otherwise names things.
fn report_without(scrub: &Scrub, report: Value) -> Option<String> {
    let clean = scrub.json(&report.to_string(), |_| true);
    let name = report.get("id").and_then(Value::as_str);
    let Some(name) = name.filter(|name| scrub.text(name).is_some()) else {
        return clean;
    };
    let mut after = clean
        .and_then(|clean| serde_json::from_str(&clean).ok())
        .unwrap_or_else(|| report.clone());
    if let Some(id) = after.get_mut("id") {
        *id = Value::String(ReportedChange::wordless_name(name));
    }
    Some(after.to_string())
}

/// Notes that somebody pasted and has not imported yet. Other facts name things and say nothing.
async fn pasted_notes(
    connection: &mut Connection,
    incident: IncidentId,
    scrub: &Scrub,
) -> Result<(), Failure> {
    let named = format!("notes/{}/%", incident.0);
    let rows = query!("select name, value from fact where name like $1", named)
        .fetch_all(&mut *connection)
        .await?;
    for row in rows {
        if let Some(clean) = scrub.text(&row.value) {
            query!(
                "update fact set value = $2 where name = $1",
                row.name,
                clean
            )
            .execute(&mut *connection)
            .await?;
        }
    }
    Ok(())
}

async fn windows(connection: &mut Connection, scrub: &Scrub) -> Result<(), Failure> {
    let rows = query!("select id, reason from maintenance_window")
        .fetch_all(&mut *connection)
        .await?;
    for row in rows {
        if let Some(clean) = scrub.text(&row.reason) {
            query!(
                "update maintenance_window set reason = $2 where id = $1",
                row.id,
                clean
            )
            .execute(&mut *connection)
            .await?;
        }
    }
    Ok(())
}
