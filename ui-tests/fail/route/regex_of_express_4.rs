use connect::get;

#[get("/users/:id(\\d+)")]
//    ^^^^^^^^^^^^^^^^^^ error: macro
fn user(id: u64) -> String {
    id.to_string()
}

fn main() {}
