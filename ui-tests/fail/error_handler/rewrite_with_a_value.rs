use connect::{Error, Next, Response, Result, Rewrite, app, error_handler};

struct User;

#[error_handler]
fn show(_err: Error, _req: &mut Rewrite<User>, res: &mut Response, _next: Next) -> Result {
    //                     ^^^^^^^^^^^^^^^^^^ error: macro
    res.send("error")
}

fn main() {
    let _ = app![show];
}
