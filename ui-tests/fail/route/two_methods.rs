mod layers {
    use connect::{get, post};

    #[get("/")]
    #[post("/")]
  //^^^^^^^^^^^^ error: macro
    pub fn show() -> &'static str {
        "hello"
    }
}

fn main() {}
