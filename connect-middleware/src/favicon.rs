//! The icon of the site.
