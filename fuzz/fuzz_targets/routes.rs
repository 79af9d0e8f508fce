#![no_main]

#[allow(dead_code, unreachable_pub, reason = "these are the macros' files, of which a part is used")]
#[path = "../src/parser.rs"]
mod parser;
#[allow(dead_code, unreachable_pub, reason = "these are the library's files, of which a part is used")]
#[path = "../src/route.rs"]
mod route;
#[path = "../src/routes.rs"]
mod routes;

libfuzzer_sys::fuzz_target!(|text: &[u8]| routes::routes(text));
