use connect::{Next, Request, Response, Result, get, middleware};

struct User(String);

#[middleware]
fn authenticate(req: &mut Request, res: &mut Response, next: Next<User>) -> Result {
    match req.header("x-user").map(str::to_owned) {
        Some(name) => next.with(User(name)).pass(),
        None => res.status(401).send("Who are you?"),
    }
}

struct Admin;

#[get("/me", authenticate, guarded = Admin)]
//                                   ^^^^^ error: rustc
fn me(user: &User) -> String {
    user.0.clone()
}

fn main() {}
