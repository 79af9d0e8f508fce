use connect::app;

mod pages {
    use connect::get;

    #[get]
  //^^^^^^ error: macro
    pub fn index() -> &'static str {
        "hello"
    }
}

fn main() {
    let _ = app![pages::index];
}
