//! Life of a service process: start, shutdown, background loops, telemetry.
