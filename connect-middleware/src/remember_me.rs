//! Who was signed in is signed in again.
