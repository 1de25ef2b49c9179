//! The object store behind one face: S3, a folder, memory.
