//! Deserializing nested fields.

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, IntoDeserializer, MapAccess, Visitor,
};
use serde_html_form::de::Error;

use super::Node;

/// Deserializes a text as `serde_html_form` does in a flat form, as the only field of one. So `on` is a `bool` in
/// brackets as well, an empty field is not a number, and a single value is a list of one.
struct SingleValue<V> {
    visitor: V,
    hint: Hint,
}

/// Calls a macro with the types that a text can be deserialized as, after more of the same.
macro_rules! of_texts {
    ($of:ident! $($more:tt)*) => {
        $of! {
            $($more)*
            Bool deserialize_bool,
            I8 deserialize_i8,
            I16 deserialize_i16,
            I32 deserialize_i32,
            I64 deserialize_i64,
            I128 deserialize_i128,
            U8 deserialize_u8,
            U16 deserialize_u16,
            U32 deserialize_u32,
            U64 deserialize_u64,
            U128 deserialize_u128,
            F32 deserialize_f32,
            F64 deserialize_f64,
            Char deserialize_char,
            Str deserialize_str,
            String deserialize_string,
            Bytes deserialize_bytes,
            ByteBuf deserialize_byte_buf,
            Unit deserialize_unit,
            Seq deserialize_seq,
        }
    };
}

macro_rules! kinds {
    ($($kind:ident $method:ident,)*) => {
        /// The type hint: which `deserialize_*` method was called.
        #[derive(Clone, Copy)]
        enum Hint {
            $($kind,)*
            Enum(&'static str, &'static [&'static str]),
            Tuple(usize),
        }

        impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for SingleValue<V> {
            type Value = V::Value;

            fn deserialize<D: Deserializer<'de>>(self, text: D) -> Result<V::Value, D::Error> {
                match self.hint {
                    $(Hint::$kind => text.$method(self.visitor),)*
                    Hint::Enum(name, variants) => text.deserialize_enum(name, variants, self.visitor),
                    Hint::Tuple(length) => text.deserialize_tuple(length, self.visitor),
                }
            }
        }

        impl<'de> Node<'de> {
            fn text<V: Visitor<'de>>(pair: &'de str, hint: Hint, visitor: V) -> Result<V::Value, Error> {
                let form = serde_html_form::Deserializer::from_bytes(pair.as_bytes());
                form.deserialize_map(SingleValue { visitor, hint })
            }
        }
    };
}
of_texts!(kinds! Any deserialize_any, Option deserialize_option,);

impl<'de, V: Visitor<'de>> Visitor<'de> for SingleValue<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut form: A) -> Result<V::Value, A::Error> {
        form.next_key::<IgnoredAny>()?.ok_or_else(|| A::Error::custom("a field without a name"))?;
        form.next_value_seed(self)
    }
}

/// Methods that deserialize a text by its hint, and any other value as what it is.
macro_rules! texts {
    ($($kind:ident $method:ident,)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self {
                Node::Pair(pair) => Node::text(pair, Hint::$kind, visitor),
                nested => nested.deserialize_any(visitor),
            }
        }
    )* };
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Node::Pair(pair) => Node::text(pair, Hint::Any, visitor),
            Node::List(list) => visitor.visit_seq(SeqDeserializer::new(list.into_values())),
            Node::Fields(_) => self.deserialize_map(visitor),
        }
    }

    of_texts!(texts! Str deserialize_identifier,);

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Node::Pair(pair) => Node::text(pair, Hint::Option, visitor),
            nested => visitor.visit_some(nested),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Node::Pair(pair) => Node::text(pair, Hint::Any, visitor),
            Node::List(list) => {
                let fields = list.into_iter().map(|(index, node)| (Name(index.to_string()), node));
                visitor.visit_map(MapDeserializer::new(fields))
            }
            Node::Fields(fields) => {
                let fields = fields.into_iter().map(|(name, node)| (Name(name), node));
                visitor.visit_map(MapDeserializer::new(fields))
            }
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        match self {
            Node::Pair(pair) => Node::text(pair, Hint::Tuple(length), visitor),
            nested => nested.deserialize_any(visitor),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self {
            Node::Pair(pair) => Node::text(pair, Hint::Enum(name, variants), visitor),
            Node::Fields(fields) => {
                let fields = fields.into_iter().map(|(name, node)| (Name(name), node));
                visitor.visit_enum(MapAccessDeserializer::new(MapDeserializer::new(fields)))
            }
            list @ Node::List(_) => list.deserialize_any(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}

impl<'de> IntoDeserializer<'de, Error> for Node<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// The name of a field, or its index.
struct Name(String);

macro_rules! numbers {
    ($($method:ident $visit:ident $ty:ty,)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.0.parse::<$ty>().map_err(Error::custom)?)
        }
    )* };
}

impl<'de> Deserializer<'de> for Name {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.0)
    }

    numbers! {
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
        deserialize_i128 visit_i128 i128,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
        deserialize_u128 visit_u128 u128,
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.into_deserializer().deserialize_enum(name, variants, visitor)
    }

    serde::forward_to_deserialize_any! {
        bool f32 f64 char str string bytes byte_buf option unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Error> for Name {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
