//! A limit of the time that a response takes.
