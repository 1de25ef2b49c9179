//! Docker: the engine, its isolation, the builder image.

use shipstack_engine::{Engine, EngineConfig, EngineError};
use shipstack_http::Check;
use shipstack_service::{causes, new_worker_id};
use shipstack_settings::EverySetting;

pub(super) async fn checks(settings: &EverySetting) -> Vec<Check> {
    let config = EngineConfig {
        docker_host: settings.engine.docker_host.clone(),
        docker_certificates: settings.engine.docker_certificates(),
        image: settings.engine.image.clone(),
        runtime: settings.engine.runtime.clone(),
        ..EngineConfig::new(new_worker_id())
    };
    match Engine::connect(config).await {
        Ok(engine) => engine.check().await,
        Err(error) => vec![Check::broken("engine", causes(&error), remedy(&error))],
    }
}

fn remedy(error: &EngineError) -> &'static str {
    match error {
        EngineError::PermissionDenied { .. } => {
            "Add this user to the docker group (sudo usermod -aG docker $USER) and sign in anew, or set DOCKER_HOST to an \
             engine of this user's own."
        }
        EngineError::ImageMissing { .. } => "Run shipstack builder make, or correct SHIPSTACK_BUILD_IMAGE.",
        EngineError::RuntimeMissing { .. } => "Install that runtime, or unset SHIPSTACK_BUILD_RUNTIME.",
        EngineError::DiskFull { .. } => {
            "Make room on the disk that Docker keeps its data on (docker system prune)."
        }
        EngineError::Certificate { .. } => {
            "Set DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem, or unset DOCKER_TLS_VERIFY."
        }
        _ => "Start Docker, or set DOCKER_HOST to an engine.",
    }
}
