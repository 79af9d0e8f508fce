use connect::{Request, app, get};

#[get("/")]
fn index(req: Request) -> String {
//       ^^^^^^^^^^^^ error: macro
    req.path().to_owned()
}

fn main() {
    let _ = app![index];
}
