//! The list of a folder.
