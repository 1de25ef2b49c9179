//! `shipstack status`.

use shipstack_types::Deployment;

use crate::Exit;
use crate::client::{Api, OneArgs};
use crate::console::{AnswerAs, answer, answer_json};
use crate::describe::lines;

pub(crate) async fn run(args: &OneArgs, answer_as: AnswerAs) -> anyhow::Result<Exit> {
    let deployment = Api::new(&args.client)?.deployment(&args.id).await?;
    show(&deployment, answer_as);
    Ok(Exit::Done)
}

/// A deployment as the answer of a command.
pub(crate) fn show(deployment: &Deployment, answer_as: AnswerAs) {
    match answer_as {
        AnswerAs::Json => answer_json(deployment),
        AnswerAs::Text => lines(deployment).iter().for_each(|line| answer(line)),
    }
}
