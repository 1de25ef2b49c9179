//! Pure vocabulary of shipstack: ids, states, records, limits.
