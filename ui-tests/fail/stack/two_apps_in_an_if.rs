use connect::{app, get};

#[get("/")]
fn index() -> &'static str {
    "index"
}

#[get("/debug")]
fn debug() -> &'static str {
    "debug"
}

fn main() {
    let debugging = true;
    let _ = if debugging { app![debug, index] } else { app![index] };
//                                                     ^^^^^^^^^^^ error: rustc
}
