use connect::get;

struct User;

#[get("/me", guarded = User)]
//           ^^^^^^^ error: macro
fn me() -> &'static str {
    ""
}

fn main() {}
