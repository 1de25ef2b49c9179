//! One set of settings, as the three services want it.

use shipstack_settings::{EverySetting, HealthSettings};

/// The configurations of the three services.
pub(super) struct Configs {
    pub(super) upload: upload_service::Config,
    pub(super) worker: deploy_worker::Config,
    pub(super) request: request_service::Config,
}

impl Configs {
    pub(super) fn of(settings: EverySetting) -> Self {
        Self { upload: upload(&settings), worker: worker(&settings), request: request(settings) }
    }
}

fn upload(all: &EverySetting) -> upload_service::Config {
    upload_service::Config {
        api: all.api.clone(),
        port: all.port,
        site: all.site.clone(),
        serve_addr: all.serve.addr,
        data: all.data.clone(),
        store: all.store.clone(),
        state: all.state.clone(),
        source: all.source.clone(),
        ca_file: all.sandbox.ca_file.clone(),
        timeouts: all.timeouts,
        limits: all.limits,
        log: all.log.clone(),
    }
}

fn worker(all: &EverySetting) -> deploy_worker::Config {
    deploy_worker::Config {
        data: all.data.clone(),
        store: all.store.clone(),
        state: all.state.clone(),
        source: all.source.clone(),
        engine: all.engine.clone(),
        sandbox: all.sandbox.clone(),
        timeouts: all.timeouts,
        limits: all.limits,
        log: all.log.clone(),
        // One health address for the process: request-service has it and answers for the worker too.
        health: HealthSettings { health_addr: None },
    }
}

fn request(all: EverySetting) -> request_service::Config {
    request_service::Config {
        serve: all.serve,
        proxies: all.api.proxies,
        site: all.site,
        data: all.data,
        store: all.store,
        log: all.log,
        health: all.health,
    }
}
