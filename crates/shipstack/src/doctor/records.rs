//! The data folder, the object store, Redis.

use std::fs;
use std::path::Path;

use shipstack_http::Check;
use shipstack_records::Records;
use shipstack_settings::EverySetting;

use crate::local::records_settings;

pub(super) async fn checks(settings: &EverySetting) -> Vec<Check> {
    let mut checks = vec![data_folder(&settings.data.data_dir)];
    match Records::connect_any(records_settings(settings)).await {
        Ok(records) => checks.extend(connected(settings, &records).await),
        Err(error) => checks.push(Check::broken(
            "records",
            chain(&error),
            "Look at REDIS_URL, AWS_BUCKET and AWS_ENDPOINT_URL.",
        )),
    }
    checks
}

async fn connected(settings: &EverySetting, records: &Records) -> Vec<Check> {
    let mut checks = vec![store(settings, records).await];
    checks.extend(state(settings, records).await);
    checks
}

fn data_folder(folder: &Path) -> Check {
    let shown = folder.display().to_string();
    let writable = fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder).map(drop));
    match writable {
        Ok(()) => Check::ok("data folder", shown),
        Err(why) => Check::broken(
            "data folder",
            format!("{shown}: {why}"),
            "Make it writable, or set SHIPSTACK_DATA_DIR.",
        ),
    }
}

async fn store(settings: &EverySetting, records: &Records) -> Check {
    let where_to = settings
        .store
        .bucket
        .as_ref()
        .map_or("a folder in the data folder".to_owned(), |bucket| format!("bucket {bucket}"));
    match records.store.check().await {
        Ok(()) => Check::ok("store", where_to),
        Err(why) => Check::broken(
            "store",
            format!("{where_to}: {}", chain(&why)),
            "Look at AWS_BUCKET, AWS_REGION, AWS_ENDPOINT_URL and the keys.",
        ),
    }
}

async fn state(settings: &EverySetting, records: &Records) -> Vec<Check> {
    if settings.state.redis_url.is_none() {
        return vec![Check::ok(
            "redis",
            "not set: `up` keeps state in its process, the separate services need REDIS_URL",
        )];
    }
    match records.state.check().await {
        Err(why) => vec![Check::broken("redis", chain(&why), "Start Redis, or correct REDIS_URL.")],
        Ok(warnings) if warnings.is_empty() => vec![Check::ok("redis", "answers")],
        Ok(warnings) => {
            let told = |warning: &dyn std::fmt::Display| {
                Check::advice("redis", warning.to_string(), "Change that setting of Redis.")
            };
            warnings.iter().map(|warning| told(warning)).collect()
        }
    }
}

/// An error with its causes, which say what actually happened.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
