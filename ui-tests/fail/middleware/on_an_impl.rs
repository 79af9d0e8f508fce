pub struct Logger;

mod api {
    #[connect::middleware]
    impl super::Logger {}
  //^^^^ error: macro
}

fn main() {}
