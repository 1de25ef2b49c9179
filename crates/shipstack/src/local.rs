//! Commands that go to store and Redis themselves, without a running API.

use anyhow::bail;
use shipstack_records::RecordsSettings;
use shipstack_settings::EverySetting;

/// An error where the folder that the settings mean does not exist: an empty store that looks sound is the wrong one.
pub(crate) fn ensure_there(all: &EverySetting) -> anyhow::Result<()> {
    let folder = &all.data.data_dir;
    if all.store.bucket.is_none() && !folder.is_dir() {
        bail!(
            "there is no data folder {}; run this where `shipstack up` runs, or name it with --data-dir",
            folder.display()
        );
    }
    Ok(())
}

/// Where the records of these settings are.
pub(crate) fn records_settings(all: &EverySetting) -> RecordsSettings<'_> {
    RecordsSettings {
        data: &all.data,
        store: &all.store,
        state: &all.state,
        timeouts: &all.timeouts,
        source: &all.source,
    }
}
