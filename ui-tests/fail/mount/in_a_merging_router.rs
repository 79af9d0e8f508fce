use connect::{app, get, router};

#[get("/")]
fn index(#[mount] team: &str) -> String {
    team.to_owned()
}

fn main() {
    let _ = app!["/:user" => router![#![merge_params] index]];
//                           ^^^^^^ error: rustc
}
