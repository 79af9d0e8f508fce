use connect::{Error, Next, Request, Response, ResumingLayer, Result, Resume, Rewrite, app, get, middleware};

struct User(&'static str);

#[middleware]
fn auth(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("ann")).pass()
}

struct Lenient;

impl ResumingLayer for Lenient {
    async fn recover(&self, _err: Error, _req: &mut Rewrite, _res: &mut Response, next: Resume) -> Result {
        next.resume()
    }
}

#[get("/")]
fn show(user: &User) -> String {
    user.0.to_owned()
}

fn main() {
    let _ = app![auth, Lenient, show];
    //                          ^^^^ error: rustc
}
