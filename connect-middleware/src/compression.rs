//! Compressed responses.
