use connect::{get};

#[get("/")]
async fn show() -> String {
//       ^^^^ error: rustc
    let count = std::rc::Rc::new(1);
    std::future::ready(()).await;
    count.to_string()
}

fn main() {}
