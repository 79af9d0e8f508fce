use connect::{Error, Next, Response, Result, With, app, error_handler};

struct User;

#[error_handler]
fn on_error(err: Error, req: &mut With<User>, _res: &mut Response, next: Next) -> Result {
//                           ^^^^^^^^^^^^^^^ error: macro
    next.fail(err)
}

fn main() {
    let _ = app![on_error];
}
