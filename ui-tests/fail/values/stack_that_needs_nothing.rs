use connect::{Next, Request, Response, Result, Stack, app, get, middleware, stack};

struct User;

#[middleware]
fn auth(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User).pass()
}

#[get("/")]
fn index() -> &'static str {
    "index"
}

fn pages() -> impl Stack {
    stack![index]
}

fn site(pages: impl Stack<(User,)>) -> impl Stack {
    stack![auth, pages]
}

fn main() {
    let _ = app![site(pages())];
//                    ^^^^^^^ error: rustc
}
