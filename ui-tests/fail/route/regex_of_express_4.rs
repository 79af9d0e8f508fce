use connect::get;

#[get("/users/:id(\\d+)")]
fn user(id: u64) -> String {
    id.to_string()
}

fn main() {}
