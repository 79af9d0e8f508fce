use connect::get;

struct User {
    name: String,
}

#[get("/me")]
fn me(user: &User) -> &str {
    //                ^^^^ error: macro
    &user.name
}

fn main() {}
