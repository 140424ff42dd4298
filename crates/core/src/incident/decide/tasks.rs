//! Asking somebody for something, and what they say to it.

use chrono::TimeDelta;

use super::{must_be_live, one_line, person_of, written};
use crate::incident::command::Request;
use crate::incident::event::Event;
use crate::incident::refusal::Refusal;
use crate::incident::state::Incident;
use crate::incident::tasks::{MAX_TASK_MINUTES, Task, TaskAnswer, TaskState};
use crate::person::PersonId;

/// The longest task and result, in characters.
const MAX_TASK_CHARACTERS: usize = 200;

/// The most tasks that wait for somebody at once: more is no longer a division of work.
const MAX_OPEN_TASKS: usize = 20;

pub(super) fn ask_for(
    incident: &Incident,
    request: &Request,
    what: &str,
    to: PersonId,
    minutes: u32,
) -> Result<Vec<Event>, Refusal> {
    let by = person_of(request)?;
    must_be_live(incident)?;
    let what = one_line(&written(what, "The task")?, MAX_TASK_CHARACTERS);
    if minutes == 0 || minutes > MAX_TASK_MINUTES {
        return Err(Refusal::Unusable(format!(
            "By when is a number of minutes from 1 to {MAX_TASK_MINUTES}: 10 is a good one at night."
        )));
    }
    if incident
        .open_tasks()
        .any(|task| task.to == to && task.what == what)
    {
        return Ok(Vec::new());
    }
    if incident.open_tasks().count() >= MAX_OPEN_TASKS {
        return Err(Refusal::Unusable(format!(
            "{MAX_OPEN_TASKS} tasks are open already. Finish some first: `/inc show view:tasks` lists them."
        )));
    }
    let number = incident
        .tasks
        .iter()
        .map(|task| task.number)
        .max()
        .unwrap_or(0)
        + 1;
    Ok(vec![Event::TaskAsked(Task {
        number,
        what,
        by,
        to,
        asked_at: request.at,
        due: request.at + TimeDelta::minutes(i64::from(minutes)),
        state: TaskState::Asked,
        late_told: false,
    })])
}

/// Anybody may take a task over or say that it is done; only whoever was asked can say that they cannot.
pub(super) fn answer(
    incident: &Incident,
    request: &Request,
    number: u32,
    answer: &TaskAnswer,
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    let task = incident
        .task(number)
        .ok_or_else(|| Refusal::Unusable("This incident has no such task.".to_owned()))?;
    let answer = match answer {
        TaskAnswer::Done { result } => TaskAnswer::Done {
            result: result
                .as_deref()
                .map(|result| one_line(result, MAX_TASK_CHARACTERS))
                .filter(|result| !result.is_empty()),
        },
        other => other.clone(),
    };
    match (&task.state, &answer) {
        (TaskState::Taken, TaskAnswer::OnIt) if task.to == person => return Ok(Vec::new()),
        (TaskState::Refused, TaskAnswer::Cannot) if task.to == person => return Ok(Vec::new()),
        (TaskState::Done { .. }, TaskAnswer::Done { result: None }) => return Ok(Vec::new()),
        // What came of it is said when it is done, or once afterwards.
        (
            TaskState::Done { result: known },
            TaskAnswer::Done {
                result: Some(result),
            },
        ) => {
            if known.as_ref() == Some(result) {
                return Ok(Vec::new());
            }
        }
        (TaskState::Done { .. }, _) => {
            return Err(Refusal::Unusable("It is done already.".to_owned()));
        }
        (_, TaskAnswer::Cannot) if task.to != person => {
            return Err(Refusal::NotYours {
                who: task.to,
                what: "say that they cannot do it",
            });
        }
        _ => must_be_live(incident)?,
    }
    Ok(vec![Event::TaskAnswered {
        number,
        by: person,
        answer,
    }])
}
