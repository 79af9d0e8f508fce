mod layers {
    use connect::{Next, Request, Response, Result, get, middleware};

    #[middleware]
    #[get("/")]
  //^^^^^^^^^^^ error: macro
    pub fn logger(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
        next.pass()
    }
}

fn main() {}
