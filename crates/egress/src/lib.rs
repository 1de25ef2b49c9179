//! The small egress proxy that is baked into the builder image.
