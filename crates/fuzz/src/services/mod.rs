//! What the services read, and the crates that know an outside system.

mod host_header;
mod lines;
mod log_archive;
mod output_tar;
mod queue_payload;

use crate::Target;

pub(crate) const TARGETS: &[Target] = &[
    Target { name: "host_header", check: host_header::check },
    Target { name: "lines", check: lines::check },
    Target { name: "log_archive", check: log_archive::check },
    Target { name: "output_tar", check: output_tar::check },
    Target { name: "queue_payload", check: queue_payload::check },
];
