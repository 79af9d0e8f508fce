use connect::get;

#[get("/")]
pub struct Show;

fn main() {}
