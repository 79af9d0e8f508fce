use connect::{Error, Next, Request, Response, Result, Resume, app, error_handler, get, middleware};

struct User(&'static str);

#[middleware]
fn auth(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("ann")).pass()
}

#[get("/")]
fn show(user: &User) -> String {
    user.0.to_owned()
}

#[error_handler]
fn resumes(_err: Error, _req: &mut Request, _res: &mut Response, next: Resume) -> Result {
    next.resume()
}

fn main() {
    let _ = app![auth, resumes, show];
    //                          ^^^^ error: rustc
}
