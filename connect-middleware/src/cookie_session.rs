//! A session in an encrypted cookie.
