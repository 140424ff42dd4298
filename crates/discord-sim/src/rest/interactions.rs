//! The first answer to an interaction.

use super::call::{Call, Reply};
use crate::error::{ApiError, refusal};
use crate::model::{Answer, InteractionKind, World, flag};
use crate::validate::{self, Purpose};

pub(super) fn callback(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let id = call
        .id("interaction_id")
        .map_err(|_| refusal::unknown_interaction())?;
    let interaction = world.interaction_for_callback(id, call.parameter("interaction_token"))?;
    let from_message = interaction.source_message.is_some();
    let kind = interaction.kind;
    let told = call.body["type"].as_u64();
    let allowed: &[u64] = match (kind, from_message) {
        (InteractionKind::Autocomplete, _) => &[8],
        (InteractionKind::Command, _) => &[4, 5, 9],
        (InteractionKind::Component, _) => &[4, 5, 6, 7, 9],
        (InteractionKind::ModalSubmit, true) => &[4, 5, 6, 7],
        // Type 6 is not documented for a form that a command opened, but Discord takes it.
        (InteractionKind::ModalSubmit, false) => &[4, 5, 6],
    };
    let Some(answer_type) = told.filter(|told| allowed.contains(told)) else {
        let list: Vec<String> = allowed.iter().map(u64::to_string).collect();
        let message = format!("Value must be one of ({}).", list.join(", "));
        return Err(ApiError::field("type", "BASE_TYPE_CHOICES", message));
    };
    let answer = read_answer(answer_type, call)?;
    let message = world.answer(id, answer)?;
    if call.query_flag("with_response") {
        Reply::ok(world.callback_json(id, answer_type, message))
    } else {
        Reply::nothing()
    }
}

fn read_answer(answer_type: u64, call: &Call) -> Result<Answer, ApiError> {
    let data = &call.body["data"];
    let below_data = |error: ApiError| error.below("data");
    match answer_type {
        4 => {
            let new =
                validate::new_message(data, &call.uploads, Purpose::Answer).map_err(below_data)?;
            Ok(Answer::Message(Box::new(new)))
        }
        5 => Ok(Answer::Deferred {
            ephemeral: data["flags"].as_u64().unwrap_or(0) & flag::EPHEMERAL != 0,
        }),
        6 => Ok(Answer::DeferredUpdate),
        7 => {
            let edit = validate::message_edit(data, &call.uploads).map_err(below_data)?;
            Ok(Answer::Update(Box::new(edit)))
        }
        8 => Ok(Answer::Choices(
            validate::choices(data).map_err(below_data)?,
        )),
        _ => Ok(Answer::Form(validate::modal(&call.body)?)),
    }
}
