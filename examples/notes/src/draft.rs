//! A note before it is validated and stored.

use serde::{Deserialize, Serialize};

/// What a form or a JSON client sends.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Draft {
    /// One line.
    #[serde(default)]
    pub title: String,
    /// All the rest.
    #[serde(default)]
    pub text: String,
}

/// What is wrong with a draft, field by field.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Faults {
    /// Of the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'static str>,
    /// Of the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<&'static str>,
}

impl Draft {
    /// The draft without spaces around it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(self) -> Result<Draft, (Draft, Faults)> {
        let draft = Draft { title: self.title.trim().to_owned(), text: self.text.trim().to_owned() };
        let title = match draft.title.chars().count() {
            0 => Some("A note needs a title."),
            1..=100 if !draft.title.contains('\n') => None,
            _ => Some("A title has at most 100 characters, on one line."),
        };
        let text = (draft.text.chars().count() > 5000).then_some("A note has at most 5000 characters.");
        let faults = Faults { title, text };
        if faults == Faults::default() { Ok(draft) } else { Err((draft, faults)) }
    }
}
