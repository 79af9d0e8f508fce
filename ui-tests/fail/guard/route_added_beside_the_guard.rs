use connect::{Next, Request, Response, Result, app, get, middleware};

struct User(String);

#[middleware]
fn authenticate(req: &mut Request, res: &mut Response, next: Next<User>) -> Result {
    match req.header("x-user").map(str::to_owned) {
        Some(name) => next.with(User(name)).pass(),
        None => res.status(401).send("Who are you?"),
    }
}

#[get("/me")]
fn me(user: &User) -> String {
    user.0.clone()
}

// A part of the admin's pages that somebody added to the wrong list.
#[get("/export")]
fn export() -> &'static str {
    "all of it"
}

fn main() {
    let _ = app![
        #![deny(unguarded = User)]
        "/admin" => [
            [authenticate, me],
            "/reports" => [export],
        ],
    ];
    let _ = app![
        #![deny(unguarded = User)]
        "/admin/reports" => [export],
        //                   ^^^^^^ error: rustc
        "/admin" => [authenticate, me],
    ];
}
