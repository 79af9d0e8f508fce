//! Tests of `connect` that need more than the crate itself; they are targets of their own, beside this file.
