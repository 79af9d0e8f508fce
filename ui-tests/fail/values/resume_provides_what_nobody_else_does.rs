use connect::{Error, Next, Request, Response, Result, Resume, app, error_handler, get, middleware};

struct User(&'static str);

#[middleware]
fn fails(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.fail(Error::new(401, "no session"))
}

#[error_handler]
fn anonymous(_err: Error, _req: &mut Request, _res: &mut Response, next: Resume<User>) -> Result {
    next.with(User("anonymous")).resume()
}

#[get("/me")]
fn me(user: &User) -> String {
    user.0.to_owned()
}

fn main() {
    let _ = app![fails, anonymous, me];
    //                  ^^^^^^^^^ error: rustc
}
