mod layers {
    use connect::{get};

    #[get("/")]
    #[get("/home")]
  //^^^^^^^^^^^^^^^ error: macro
    pub fn show() -> &'static str {
        "hello"
    }
}

fn main() {}
