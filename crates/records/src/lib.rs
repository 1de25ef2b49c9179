//! What needs store and state at once: birth, claims, settling, reindex, reconcile.
