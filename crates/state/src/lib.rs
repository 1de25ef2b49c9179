//! Queue, leases, index and live logs behind one face: Redis or in-process.
