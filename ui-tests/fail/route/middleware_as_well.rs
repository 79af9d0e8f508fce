mod layers {
    use connect::{get, middleware};

    #[get("/")]
    #[middleware]
  //^^^^^^^^^^^^^ error: macro
    pub fn show() -> &'static str {
        "hello"
    }
}

fn main() {}
