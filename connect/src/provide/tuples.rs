//! How many types can stand in a tuple.

/// Calls a macro with the names of up to twelve types: `(A) (A B) ..`.
macro_rules! up_to_twelve {
    ($of:ident) => {
        $of! {
            (A)
            (A B)
            (A B C)
            (A B C D)
            (A B C D E)
            (A B C D E F)
            (A B C D E F G)
            (A B C D E F G H)
            (A B C D E F G H I)
            (A B C D E F G H I J)
            (A B C D E F G H I J K)
            (A B C D E F G H I J K L)
        }
    };
}
pub(crate) use up_to_twelve;
