//! The data folder, the object store, Redis.

use std::fs;
use std::path::Path;

use shipstack_http::Check;
use shipstack_records::Records;
use shipstack_service::causes;
use shipstack_settings::EverySetting;
use shipstack_state::{StateError, Warning};
use shipstack_storage::StoreError;

use super::disk::room;
use crate::local::records_settings;

pub(super) async fn checks(settings: &EverySetting) -> Vec<Check> {
    let folder = &settings.data.data_dir;
    let mut checks = vec![data_folder(folder)];
    checks.extend(room(folder));
    match Records::connect_any(records_settings(settings)).await {
        Ok(records) => checks.extend(connected(settings, &records).await),
        Err(error) => checks.push(Check::broken(
            "records",
            causes(&error),
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
        Err(why) => Check::broken("store", format!("{where_to}: {}", causes(&why)), store_remedy(&why)),
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
        Err(why) => vec![Check::broken("redis", causes(&why), redis_remedy(&why))],
        Ok(warnings) if warnings.is_empty() => vec![Check::ok("redis", "answers")],
        Ok(warnings) => {
            let told = |warning: &Warning| Check::advice("redis", warning.to_string(), warning.remedy());
            warnings.iter().map(told).collect()
        }
    }
}

fn store_remedy(error: &StoreError) -> &'static str {
    match error {
        StoreError::Denied { .. } => {
            "Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or let that key read, write, list and delete in the bucket."
        }
        StoreError::NoBucket { .. } => "Create the bucket, or correct AWS_BUCKET.",
        StoreError::Unavailable { .. } => {
            "Start the object store, or correct AWS_ENDPOINT_URL and AWS_REGION."
        }
        StoreError::DiskFull { .. } => "Make room on that disk, or set SHIPSTACK_DATA_DIR to another one.",
        _ => "Look at AWS_BUCKET, AWS_REGION, AWS_ENDPOINT_URL and the keys.",
    }
}

fn redis_remedy(error: &StateError) -> &'static str {
    if error.is_wrong_password() {
        "Correct the name and the password in REDIS_URL (redis://name:password@host:port)."
    } else {
        "Start Redis, or correct REDIS_URL."
    }
}
