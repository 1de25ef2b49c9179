//! Docker: the engine, its isolation, the builder image.

use shipstack_engine::{Engine, EngineConfig};
use shipstack_http::Check;
use shipstack_service::new_worker_id;
use shipstack_settings::EverySetting;

pub(super) async fn checks(settings: &EverySetting) -> Vec<Check> {
    let config = EngineConfig {
        docker_host: settings.engine.docker_host.clone(),
        image: settings.engine.image.clone(),
        runtime: settings.engine.runtime.clone(),
        ..EngineConfig::new(new_worker_id())
    };
    match Engine::connect(config).await {
        Ok(engine) => engine.check().await,
        Err(error) => {
            vec![Check::broken("engine", error.to_string(), "Start Docker, or set DOCKER_HOST to an engine.")]
        }
    }
}
