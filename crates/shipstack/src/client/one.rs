//! The arguments of a command about one deployment.

use clap::Args;
use shipstack_types::DeploymentId;

use super::ClientArgs;

/// Which deployment, and whom to ask.
#[derive(Args, Debug)]
pub(crate) struct OneArgs {
    /// Id of the deployment
    pub(crate) id: DeploymentId,

    #[command(flatten)]
    pub(crate) client: ClientArgs,
}
