use connect::{Next, Request, Response, Result, app, get, middleware};

struct User(&'static str);

#[middleware]
fn auth(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("ann")).pass()
}

#[get("/")]
fn show(user: &mut User) -> String {
    //  ^^^^^^^^^^^^^^^ error: macro
    user.0.to_owned()
}

fn main() {
    let _ = app![auth, show];
}
