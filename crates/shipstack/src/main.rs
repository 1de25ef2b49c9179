//! Entry point of `shipstack`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let cli: shipstack::Cli = shipstack_settings::load_or_exit();
    shipstack::run(cli).await.into()
}
