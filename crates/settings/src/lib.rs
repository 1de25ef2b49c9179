//! Flags and `SHIPSTACK_*` variables, parsed once at the edge.
//!
//! **For**: every setting of every service is a field of a section here, and from that one field follow the flag, the
//! variable, the help text, `.env.example` and the reference page.
//! **Guarantees**: flags win over the environment, the environment wins over a `.env` in the working folder; a wrong
//! value stops the start with one line that names it; a secret is never printed, not even by `--help`.
//! **Is not**: a place for decisions. Sections hold what the operator said, services turn it into what they need.

mod environment;
mod load;
mod reference;
mod sections;
mod values;

pub use environment::Environment;
pub use load::{SettingsError, from_pairs, load_or_exit, read, stop};
pub use reference::{configuration_page, env_example};
pub use secrecy::{ExposeSecret, SecretString as Secret};
pub use sections::api::{ApiSettings, PortOverride, ProxySettings};
pub use sections::build::{EngineSettings, NetworkPolicy, SandboxSettings};
pub use sections::every::EverySetting;
pub use sections::limits::{LimitSettings, TimeoutSettings};
pub use sections::log::{HealthSettings, LogSettings};
pub use sections::serve::{QueryRouting, ServeSettings, SiteSettings};
pub use sections::source::{SnapshotLayout, SourceSettings};
pub use sections::state::{QueueTake, StateSettings};
pub use sections::store::{DataSettings, StoreSettings};
pub use values::byte_size::ByteSize;
pub use values::comma_list::CommaList;
pub use values::cpus::Cpus;
pub use values::domain::Domain;
pub use values::duration::HumanDuration;
pub use values::network::Network;
pub use values::origin::Origin;
pub use values::site_url::SiteUrl;
