use connect::get;

#[get("/users/{id}")]
fn user(id: u64) -> String {
//      ^^^^^^^ error: macro
    id.to_string()
}

fn main() {}
