//! The command line, and all of shipstack in one process.
