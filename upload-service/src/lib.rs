//! Accepts deployments, fetches their source, answers status and logs.
