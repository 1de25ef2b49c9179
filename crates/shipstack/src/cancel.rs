//! `shipstack cancel`.

use shipstack_types::DeploymentState;

use crate::Exit;
use crate::client::{Api, OneArgs};
use crate::console::{AnswerAs, tell};
use crate::status::show;

/// Asks for the end of a deployment. One that has ended already stays as it is, which is said and no
/// error.
pub(crate) async fn run(args: &OneArgs, answer_as: AnswerAs) -> anyhow::Result<Exit> {
    let deployment = Api::new(&args.client)?.act(&args.id, "cancel").await?;
    if !deployment.status.is_terminal() {
        tell(&format!("{} is being stopped; see: shipstack status {}", args.id, args.id));
    }
    if let Some(words) = too_late(deployment.status) {
        tell(&format!("{} {words}", args.id));
    }
    show(&deployment, answer_as);
    Ok(Exit::Done)
}

/// What is said of one that had another end; who finds it cancelled has what was asked for, by this call or an earlier one.
fn too_late(status: DeploymentState) -> Option<String> {
    let other_end = status.is_terminal() && status != DeploymentState::Cancelled;
    other_end.then(|| format!("is {status}: it was too late to cancel it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_cancels_what_has_ended_is_told_that_it_was_too_late() {
        let told = [DeploymentState::Deployed, DeploymentState::Failed].map(too_late);
        assert!(
            told.iter().flatten().count() == 2 && told[0].as_ref().unwrap().contains("too late"),
            "{told:?}"
        );
        assert_eq!([DeploymentState::Cancelled, DeploymentState::Building].map(too_late), [None, None]);
    }
}
