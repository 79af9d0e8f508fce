//! The inputs of the fuzz target, as a plain test.

#[path = "../../fuzz/src/wire.rs"]
mod wire;

#[test]
fn every_input_of_the_fuzzers_corpus_is_answered_with_http_or_nothing() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus/wire");
    let mut inputs: Vec<_> = std::fs::read_dir(corpus)
        .expect("the corpus is in the project")
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    inputs.sort();
    assert!(inputs.len() >= 20, "{} inputs", inputs.len());
    for input in inputs {
        println!("{}", input.display());
        wire::wire(&std::fs::read(&input).expect("a readable file"));
    }
}
