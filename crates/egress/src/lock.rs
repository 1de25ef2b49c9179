//! Locks of this process.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// No code panics while it holds one of these locks, and the data stays whole even then.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
