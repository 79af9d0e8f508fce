use connect::{Next, Response, Result, With, app, middleware, provide};

struct User;
struct Db;

#[middleware]
fn log(req: &mut With<User, Db>, _res: &mut Response, next: Next) -> Result {
//          ^^^^^^^^^^^^^^^^^^^ error: macro
    next.pass()
}

fn main() {
    let _ = app![provide(User), provide(Db), log];
}
