//! Values that are checked before a route gets them.
