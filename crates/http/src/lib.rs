//! Actix glue: problems, limits, request ids, who may call, health.
