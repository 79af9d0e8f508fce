use connect::{Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response) -> Result<String> {
//                                                    ^^^^^^^^^^^^^^ error: macro
    Ok(String::new())
}

fn main() {}
