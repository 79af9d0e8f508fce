//! Pages for errors, and problem details.
