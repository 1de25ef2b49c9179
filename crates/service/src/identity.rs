//! Who this process is.

use shipstack_types::WorkerId;

/// An identity that no process had before: this host's name and random bytes. New at every start, so that a restarted
/// worker is another worker and its predecessor's claims are seen to be lost.
pub fn new_worker_id() -> WorkerId {
    let host = rustix::system::uname();
    WorkerId::new(&host.nodename().to_string_lossy(), random())
}

/// Random bytes that nobody can guess, for ids and nonces.
pub fn random<const N: usize>() -> [u8; N] {
    rand::random()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_start_is_another_worker() {
        assert_ne!(new_worker_id(), new_worker_id());
    }
}
