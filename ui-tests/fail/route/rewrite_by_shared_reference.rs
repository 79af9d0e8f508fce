use connect::{Rewrite, app, get};

#[get("/")]
fn index(req: &Rewrite) -> String {
    //   ^^^^^^^^^^^^^ error: macro
    req.path().to_owned()
}

fn main() {
    let _ = app![index];
}
