use connect::{Rewrite, app, get};

struct User;

#[get("/")]
fn index(req: &mut Rewrite<User>) -> String {
    //   ^^^^^^^^^^^^^^^^^^^^^^^ error: macro
    req.path().to_owned()
}

fn main() {
    let _ = app![index];
}
