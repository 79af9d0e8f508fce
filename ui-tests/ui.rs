//! One golden file for each mistake: what the compiler says to a person who makes it.
//!
//! `TRYBUILD=overwrite cargo test -p connect-ui-tests` writes the files anew. Read what it wrote before you
//! commit it: a golden file records a good message, not whatever came out.

#[test]
fn mistakes_are_explained() {
    trybuild::TestCases::new().compile_fail("fail/**/*.rs");
}
