//! Decides what to build: reads a source tree, returns a build plan as data.
