use connect::get;

#[get("/")]
pub struct Show;
//  ^^^^^^ error: macro

fn main() {}
