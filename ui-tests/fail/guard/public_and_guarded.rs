use connect::get;

struct User;

#[get("/me", public, guarded = User)]
//                   ^^^^^^^ error: macro
fn me() -> &'static str {
    ""
}

fn main() {}
