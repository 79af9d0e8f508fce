use connect::{
    Error, Next, Request, Response, Result, Resume, Resuming, Stack, app, error_handler, get, middleware, stack,
};

struct User(&'static str);

#[middleware]
fn auth(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("ann")).pass()
}

#[error_handler]
fn resumes(_err: Error, _req: &mut Request, _res: &mut Response, next: Resume) -> Result {
    next.resume()
}

#[get("/")]
fn show(user: &User) -> String {
    user.0.to_owned()
}

fn lenient() -> impl Stack<(), (), Resuming> {
    stack![resumes]
}

fn main() {
    let _ = app![auth, lenient(), show];
    //                            ^^^^ error: rustc
}
