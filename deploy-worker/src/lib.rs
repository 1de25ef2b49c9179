//! Claims jobs under a lease, builds them in hardened containers, publishes.
