//! What is wrong with a pattern, and how to put it right.

use std::ops::Range;

/// A mistake, once for each time it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The characters it is about, as bytes of the pattern. Empty if the pattern is.
    pub(crate) range: Range<usize>,
    pub(crate) message: String,
}

/// A replacement of some characters.
pub(crate) type Edit = (Range<usize>, String);

/// A fault whose message is not written yet.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) range: Range<usize>,
    pub(crate) problem: String,
    /// The edits that correct it, as small as possible, so that those of several faults can be combined.
    edits: Vec<Edit>,
    /// Another correction, and what it means.
    alternative: Option<(Vec<Edit>, &'static str)>,
    /// The advice if no corrected pattern can be shown.
    otherwise: String,
}

impl Draft {
    pub(crate) fn new(range: Range<usize>, problem: impl Into<String>) -> Self {
        Draft {
            range,
            problem: problem.into(),
            edits: Vec::new(),
            alternative: None,
            otherwise: String::new(),
        }
    }

    pub(crate) fn edit(mut self, range: Range<usize>, text: impl Into<String>) -> Self {
        self.edits.push((range, text.into()));
        self
    }

    pub(crate) fn or(mut self, edits: Vec<Edit>, meaning: &'static str) -> Self {
        self.alternative = Some((edits, meaning));
        self
    }

    pub(crate) fn otherwise(mut self, advice: impl Into<String>) -> Self {
        self.otherwise = advice.into();
        self
    }
}

/// Writes the messages. `sound` says whether a pattern is one: advice that is wrong itself is not given.
pub(crate) fn finish(text: &str, drafts: Vec<Draft>, sound: impl Fn(&str) -> bool) -> Vec<Fault> {
    let corrected = |edits: Vec<&Edit>| apply(text, edits).filter(|corrected| sound(corrected));
    // Every fault shows the same pattern, without any of them.
    let all_right = if drafts.iter().all(|draft| !draft.edits.is_empty()) {
        corrected(drafts.iter().flat_map(|draft| &draft.edits).collect())
    } else {
        None
    };
    let alone = drafts.len() == 1;
    let message = |draft: &Draft| {
        let mut message = draft.problem.clone();
        match &all_right {
            Some(corrected) => message += &format!(": write `{}`", written(corrected)),
            None if draft.otherwise.is_empty() => {}
            None => message += &format!(": {}", draft.otherwise),
        }
        if let Some((edits, meaning)) = draft.alternative.as_ref().filter(|_| alone)
            && let Some(corrected) = corrected(edits.iter().collect())
        {
            message += &format!(", or `{}` {meaning}", written(&corrected));
        }
        message
    };
    drafts.iter().map(|draft| Fault { range: draft.range.clone(), message: message(draft) }).collect()
}

/// The text with the edits made, if they do not get in each other's way.
fn apply(text: &str, mut edits: Vec<&Edit>) -> Option<String> {
    // What is put in somewhere comes before what is replaced there.
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let mut out = String::with_capacity(text.len() + 16);
    let mut at = 0;
    for (range, replacement) in edits {
        out += text.get(at..range.start)?;
        out += replacement;
        at = range.end;
    }
    out += text.get(at..)?;
    Some(out)
}

/// A pattern as a literal.
pub(crate) fn written(pattern: &str) -> String {
    if !pattern.contains(['\\', '"']) {
        return format!("\"{pattern}\"");
    }
    let longest =
        pattern.split('"').skip(1).map(|rest| rest.len() - rest.trim_start_matches('#').len()).max();
    let hashes = "#".repeat(longest.map_or(0, |longest| longest + 1));
    format!("r{hashes}\"{pattern}\"{hashes}")
}
