//! Serves deployments by host name, straight from manifest and store.
