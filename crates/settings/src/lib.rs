//! Flags and SHIPSTACK_* variables, parsed once at the edge.
