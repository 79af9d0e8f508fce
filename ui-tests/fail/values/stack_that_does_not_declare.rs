use connect::{Next, Request, Response, Result, Stack, app, get, middleware, router};

struct User(&'static str);

#[middleware]
fn auth(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("ann")).pass()
}

#[get("/")]
fn show(user: &User) -> String {
    user.0.to_owned()
}

fn pages() -> impl Stack {
    router![show]
    //      ^^^^ error: rustc
}

fn main() {
    let _ = app![auth, pages()];
}
