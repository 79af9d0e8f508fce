use connect::{Next, Response, Result, middleware};

#[middleware]
fn logger(_res: &mut Response, next: Next) -> Result {
//        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: macro
    next.pass()
}

fn main() {}
