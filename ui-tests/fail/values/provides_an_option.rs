use connect::{Next, Result, middleware};

struct User;

#[middleware]
fn visitor(next: Next<Option<User>>) -> Result {
    //                ^^^^^^^^^^^^ error: macro
    next.with(None).pass()
}

fn main() {}
