//! Hardened build containers on the Docker Engine API.
