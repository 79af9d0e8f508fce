#![no_main]

#[allow(dead_code, unreachable_pub, reason = "these are the macros' files, of which a part is used")]
#[path = "../src/parser.rs"]
mod parser;
#[path = "../src/pattern.rs"]
mod pattern;

libfuzzer_sys::fuzz_target!(|text: &[u8]| pattern::pattern(text));
