use connect::{Next, Result, app, middleware};

struct CorsFacts;

#[middleware(facts = CorsFacts)]
//                   ^^^^^^^^^ error: rustc
fn cors(next: Next) -> Result {
    next.pass()
}

fn main() {
    let _ = app![cors];
}
