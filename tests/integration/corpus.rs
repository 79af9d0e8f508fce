//! The inputs of the fuzz targets, as plain tests.

#[path = "../../fuzz/src/wire.rs"]
mod wire;

/// Runs a target over its corpus, and says which input it is at.
fn run(target: &str, check: fn(&[u8])) {
    let corpus = format!("{}/../fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    let mut inputs: Vec<_> = std::fs::read_dir(corpus)
        .expect("the corpus is in the project")
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    inputs.sort();
    assert!(inputs.len() >= 20, "{} inputs", inputs.len());
    for input in inputs {
        println!("{}", input.display());
        check(&std::fs::read(&input).expect("a readable file"));
    }
}

#[test]
fn every_input_of_the_wire_corpus_gets_http_or_nothing() {
    run("wire", wire::wire);
}

#[test]
fn every_input_of_the_pattern_corpus_is_valid_or_refused_with_advice() {
    run("pattern", connect_tests::pattern::pattern);
}

#[test]
fn every_path_of_the_routes_corpus_finds_its_matching_routes() {
    run("routes", connect_tests::routes::routes);
}
