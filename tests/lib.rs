//! Nothing: this package holds the integration tests, one folder or file each.
