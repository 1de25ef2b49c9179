//! `shipstack cancel`.

use crate::Exit;
use crate::client::{Api, OneArgs};
use crate::console::{AnswerAs, tell};
use crate::status::show;

/// Asks for the end of a deployment. One that has ended already stays as it is, which is no error.
pub(crate) async fn run(args: &OneArgs, answer_as: AnswerAs) -> anyhow::Result<Exit> {
    let deployment = Api::new(&args.client)?.act(&args.id, "cancel").await?;
    if !deployment.status.is_terminal() {
        tell(&format!("{} is being stopped; see: shipstack status {}", args.id, args.id));
    }
    show(&deployment, answer_as);
    Ok(Exit::Done)
}
