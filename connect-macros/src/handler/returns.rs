//! The return type of a layer.

use syn::{ReturnType, Type};

use super::Role;
use super::parse::Function;
use crate::errors::Errors;

pub(crate) fn return_type(role: Role, function: &Function, errors: &mut Errors) {
    match &function.sig.output {
        ReturnType::Default => errors.at(
            &function.sig.ident,
            format_args!(
                "`{}` needs a return type: write `-> Result` after the parameters",
                role.attribute()
            ),
        ),
        ReturnType::Type(_, ty) if is_result_of_nothing(ty) || is_plain_value(ty) => {
            errors.at(ty, "a layer returns proof that it answered or handed on: write `-> Result`");
        }
        ReturnType::Type(..) => {}
    }
}

/// `Result<()>`, or one of something else that is not `Done` for sure.
fn is_result_of_nothing(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(last) = path.path.segments.last() else { return false };
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return false };
    let first = arguments.args.first();
    last.ident == "Result" && matches!(first, Some(syn::GenericArgument::Type(ty)) if is_plain_value(ty))
}

/// A type that is no alias of `Result` for sure: a reference, a tuple, or of a name that the prelude has.
pub(crate) fn is_plain_value(ty: &Type) -> bool {
    const NAMES: [&str; 21] = [
        "String", "Option", "Vec", "Box", "Self", "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize",
        "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64",
    ];
    match ty {
        Type::Path(path) => {
            path.path.segments.len() == 1 && NAMES.iter().any(|name| path.path.segments[0].ident == *name)
        }
        Type::Reference(_) | Type::Tuple(_) | Type::Array(_) | Type::Never(_) | Type::ImplTrait(_) => true,
        _ => false,
    }
}
