mod layers {
    use connect::{Error, Next, Request, Response, Result, error_handler, middleware};

    #[error_handler]
    #[middleware]
  //^^^^^^^^^^^^^ error: macro
    pub fn on_error(err: Error, _req: &mut Request, _res: &mut Response, next: Next) -> Result {
        next.fail(err)
    }
}

fn main() {}
