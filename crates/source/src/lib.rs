//! Code in: git fetch, archive intake, the deterministic snapshot.
