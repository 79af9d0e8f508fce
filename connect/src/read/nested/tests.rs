use std::collections::HashMap;

use serde::Deserialize;

use super::read;

#[derive(Debug, Deserialize, PartialEq)]
struct Pet {
    name: String,
    age: Option<u8>,
    #[serde(default)]
    tame: bool,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Order {
    user: Pet,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    pets: Vec<Pet>,
    #[serde(default)]
    by_id: HashMap<u32, Pet>,
    kind: Option<Kind>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Fast,
    Slow,
}

fn pet(name: &str, age: Option<u8>, tame: bool) -> Pet {
    Pet { name: name.to_owned(), age, tame }
}

fn message(form: &str) -> String {
    let err = read::<Order>(form).unwrap_err();
    assert_eq!(err.status(), 400);
    err.public_message()
}

#[test]
fn brackets_are_structs_lists_and_maps() {
    let form = "user[name]=t+j&user%5Bage%5d=7&tags[]=a&tags[]=b%26&pets[1][name]=tobi&pets[0][name]=loki&\
        pets[0][tame]=on&pets[1][age]=&by_id[4000000000][name]=x&kind=slow&unknown[a][b]=c";
    assert_eq!(
        read::<Order>(form).unwrap(),
        Order {
            user: pet("t j", Some(7), false),
            tags: vec!["a".to_owned(), "b&".to_owned()],
            pets: vec![pet("loki", None, true), pet("tobi", None, false)],
            by_id: HashMap::from([(4_000_000_000, pet("x", None, false))]),
            kind: Some(Kind::Slow),
        }
    );
}

#[test]
fn a_list_has_one_value_or_several_however_they_are_written() {
    for (tags, wanted) in [
        ("", &[][..]),
        ("tags=a", &["a"]),
        ("tags[]=a", &["a"]),
        ("tags=a&tags=b", &["a", "b"]),
        ("tags[1]=b&tags[0]=a", &["a", "b"]),
        ("tags[7]=a&tags[100]=b", &["a", "b"]),
        ("tags[0]=a&tags=b&tags[]=c", &["a", "b", "c"]),
    ] {
        let order: Order = read(&format!("user[name]=x&{tags}")).unwrap();
        assert_eq!(order.tags, wanted, "{tags}");
    }
    let places: HashMap<String, HashMap<usize, String>> = read("a[3]=x&a[1]=y").unwrap();
    assert_eq!(places["a"], HashMap::from([(1, "y".to_owned()), (3, "x".to_owned())]));
}

#[test]
fn what_does_not_fit_is_told_by_its_place_and_not_quoted() {
    for (form, wanted) in [
        ("user[age]=3", "`user` in the form lacks `name`"),
        ("tags[]=a", "the form lacks `user`"),
        ("user[name]=x&user[age]=secret", "`user.age` in the form: not a whole number in the allowed range"),
        ("user[name][secret]=x", "`user.name` in the form: expected a string"),
        ("user[name]=x&user[name]=secret", "`user.name` in the form: expected a string"),
        ("user=secret&tags[]=a", "`user` in the form: expected an object"),
        ("user[name]=x&kind[secret]=x", "`kind` in the form: expected `fast` or `slow`"),
    ] {
        assert_eq!(message(form), wanted, "{form}");
    }
}

#[test]
fn a_form_that_is_nested_too_deep_is_refused_and_a_place_too_high_is_a_name() {
    let deep = |depth: usize| format!("user[name]=x&a{}=1", "[b]".repeat(depth));
    assert!(read::<Order>(&deep(32)).is_ok());
    assert_eq!(message(&deep(33)), "the form is nested more than 32 deep");
    assert_eq!(message(&deep(30_000)), "the form is nested more than 32 deep");
    assert_eq!(message("user[name]=x&tags[101]=a"), "`tags` in the form: expected a sequence");
    // With more fields than that, they have places up to their number, as in body-parser.
    let many: String = (0..300).map(|i| format!("&tags[{i}]=a")).collect();
    assert_eq!(read::<Order>(&format!("user[name]=x{many}")).unwrap().tags.len(), 300);
}

#[test]
fn a_form_without_brackets_is_read_as_before() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Flat {
        a: Vec<u8>,
        b: Option<u8>,
    }
    assert_eq!(read::<Flat>("a=1&a=2&b=").unwrap(), Flat { a: vec![1, 2], b: None });
}
