//! Tests of the transition table.
