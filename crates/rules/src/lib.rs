//! Decides what to serve: from a request and a manifest, without I/O.
