//! `shipstack status`.

use shipstack_types::Deployment;

use crate::Exit;
use crate::client::{Api, OneArgs, nobody_builds};
use crate::console::{AnswerAs, answer, answer_json, tell};
use crate::describe::lines;

pub(crate) async fn run(args: &OneArgs, answer_as: AnswerAs) -> anyhow::Result<Exit> {
    let api = Api::new(&args.client)?;
    let deployment = api.deployment(&args.id).await?;
    show(&deployment, answer_as);
    // Beside the answer: a server that cannot say so has still answered.
    if let Ok(Some(words)) = nobody_builds(&api, &deployment).await {
        tell(&words);
    }
    Ok(Exit::Done)
}

/// A deployment as the answer of a command.
pub(crate) fn show(deployment: &Deployment, answer_as: AnswerAs) {
    match answer_as {
        AnswerAs::Json => answer_json(deployment),
        AnswerAs::Text => lines(deployment).iter().for_each(|line| answer(line)),
    }
}
