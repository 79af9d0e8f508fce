//! The values that layers provide to each other, as signatures name them: `With<User>`, `Next<User>`, `&User`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{PatType, Type};

use super::types::{argument, known, referent, same};
use crate::errors::Errors;

/// The types in `With<..>`, `Next<..>` or `needs = ..`: one, or those of a tuple.
#[derive(Clone, Default)]
pub(crate) struct Types {
    pub(crate) all: Vec<Type>,
    pub(crate) is_tuple: bool,
}

impl Types {
    pub(crate) fn of(ty: &Type) -> Types {
        match ty {
            Type::Tuple(tuple) => Types { all: tuple.elems.iter().cloned().collect(), is_tuple: true },
            ty => Types { all: vec![ty.clone()], is_tuple: false },
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Adds a type, if it is not there.
    pub(crate) fn add(&mut self, ty: &Type) -> bool {
        let is_new = !self.all.iter().any(|known| same(known, ty));
        if is_new {
            self.all.push(ty.clone());
        }
        is_new
    }

    /// As a tuple.
    pub(crate) fn tuple(&self) -> TokenStream {
        let all = &self.all;
        quote!((#(#all,)*))
    }
}

/// The value that a parameter takes.
pub(crate) enum Value<'a> {
    /// `&User`.
    Required(&'a Type),
    /// `Option<&User>`.
    Optional(&'a Type),
    /// The parameter of a mount with this name.
    Mount(String),
}

/// The value that a parameter takes by its type. `&str` and slices are parameters of a pattern.
pub(crate) fn value_of(param: &PatType) -> Option<Value<'_>> {
    let shared = |ty: &'_ Type| match ty {
        Type::Reference(reference) if reference.mutability.is_none() => match &*reference.elem {
            Type::Path(path) => !path.path.is_ident("str"),
            Type::Tuple(_) => true,
            _ => false,
        },
        _ => false,
    };
    if shared(&param.ty) {
        return Some(Value::Required(referent(&param.ty)));
    }
    let inner = argument(&param.ty, "Option").filter(|inner| shared(inner))?;
    Some(Value::Optional(referent(inner)))
}

/// Whether a shared reference is to a value, and not a request or a response that was meant to be taken by `&mut`:
/// `&payment::Request` is one.
pub(crate) fn is_value(param: &PatType) -> bool {
    let is_elsewhere = match &*param.ty {
        Type::Reference(reference) => match &*reference.elem {
            Type::Path(path) => {
                path.path.segments.len() > 1
                    && path.path.segments.first().is_some_and(|first| first.ident != "connect")
            }
            _ => false,
        },
        _ => false,
    };
    is_elsewhere || known(param).is_none() && argument(&param.ty, "With").is_none()
}

/// Reports references, and types that a tuple has twice.
pub(crate) fn tuple(types: &Types, errors: &mut Errors) {
    for (i, ty) in types.all.iter().enumerate() {
        if matches!(ty, Type::Reference(reference) if reference.lifetime.is_none()) {
            errors.at(ty, "a layer provides a value and not a reference: write its type without `&`");
        }
        if types.all[..i].iter().any(|before| same(before, ty)) {
            errors.at(ty, "this type is here twice, and there is one value of each type: wrap one of them, `struct Other(Type);`");
        }
    }
}
