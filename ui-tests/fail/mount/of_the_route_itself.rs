use connect::get;

#[get("/:team")]
fn index(#[mount] team: &str) -> String {
//       ^^^^^^^^^^^^^^^^^^^ error: macro
    team.to_owned()
}

fn main() {}
