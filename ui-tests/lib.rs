//! Nothing: this package holds the golden files of the compile errors.
