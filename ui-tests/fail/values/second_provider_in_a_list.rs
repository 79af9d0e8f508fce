use connect::{Next, Request, Response, Result, app, get, middleware};

struct User(&'static str);

#[middleware]
fn auth(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("ann")).pass()
}

#[get("/")]
fn me(user: &User) -> &'static str {
    user.0
}

fn main() {
    let _ = app![auth, "/admin" => [auth, me]];
    //                              ^^^^ error: rustc
}
