//! Commands that go to store and Redis themselves, without a running API.

use shipstack_records::RecordsSettings;
use shipstack_settings::EverySetting;

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
