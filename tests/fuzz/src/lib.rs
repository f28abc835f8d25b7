//! Bodies for fuzzing: those of the sample events, with some of their fields changed, and then some
//! of their bytes.
//!
//! Bytes by chance are hardly ever JSON, and nothing behind its reader would be reached.

use bolero::TypeGenerator;
use serde_json::{Value, json};

/// A body, as the changes that make it out of a sample.
#[derive(Debug, Clone, TypeGenerator)]
pub struct Body {
    sample: u8,
    /// Few: most of what was sent must still be there for a reader to come far.
    edits: [Option<Edit>; 3],
    is_pretty: bool,
    byte: Option<(u16, u8)>,
}

/// A change of one field, which is counted from the first of the document.
#[derive(Debug, Clone, TypeGenerator)]
enum Edit {
    Replace(u8, Odd),
    Remove(u8),
    /// The second field gets the value of the first one.
    Copy(u8, u8),
    /// Another field beside it.
    Add(u8, String, Odd),
}

/// A value that a sender might send by mistake.
#[derive(Debug, Clone, TypeGenerator)]
enum Odd {
    Null,
    True,
    Blank,
    Whole(i64),
    Fraction(f64),
    Text(String),
    /// A text of characters that mean something to a reader.
    Written(Vec<Written>),
    List,
    Object,
    Deep,
}

#[derive(Debug, Clone, Copy, TypeGenerator)]
enum Written {
    Digits(u16),
    Plus,
    Minus,
    Colon,
    Time,
    Zone,
    Space,
    Quote,
    Invisible,
    Null,
}

impl Body {
    /// The text of the body, out of one of these samples.
    pub fn text(&self, samples: &[&str]) -> String {
        let sample = samples[usize::from(self.sample) % samples.len()];
        let mut document: Value = serde_json::from_str(sample).unwrap_or(Value::Null);
        for edit in self.edits.iter().flatten() {
            edit.apply(&mut document);
        }
        let text = if self.is_pretty { format!("{document:#}") } else { document.to_string() };
        let mut bytes = text.into_bytes();
        if let Some((place, byte)) = &self.byte {
            let place = usize::from(*place) % bytes.len();
            bytes[place] = *byte;
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Edit {
    fn apply(&self, document: &mut Value) {
        let paths = paths(document);
        let path = |index: u8| paths.get(usize::from(index) % paths.len().max(1));
        match self {
            Self::Replace(at, odd) => set(document, path(*at), Some(odd.value())),
            Self::Remove(at) => set(document, path(*at), None),
            Self::Copy(from, to) => {
                let value = path(*from).and_then(|path| document.pointer(path)).cloned();
                set(document, path(*to), value);
            }
            Self::Add(at, name, odd) => {
                let name = name.replace('~', "~0").replace('/', "~1");
                let parent = path(*at).and_then(|path| path.rsplit_once('/'));
                let beside = parent.map(|(parent, _)| format!("{parent}/{name}"));
                set(document, beside.as_ref(), Some(odd.value()));
            }
        }
    }
}

impl Odd {
    fn value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::True => json!(true),
            Self::Blank => json!(" \u{200B}"),
            Self::Whole(number) => json!(number),
            Self::Fraction(number) => json!(number),
            Self::Text(text) => json!(text),
            Self::Written(parts) => json!(parts.iter().map(|part| part.text()).collect::<String>()),
            Self::List => json!([null, "x", 7]),
            Self::Object => json!({"phoneNumber": "+12025550199"}),
            Self::Deep => (0..200).fold(json!(1), |inner, _| json!([inner])),
        }
    }
}

impl Written {
    fn text(self) -> String {
        let text = match self {
            Self::Digits(digits) => return digits.to_string(),
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Colon => ":",
            Self::Time => "2026-03-02T10:00:00",
            Self::Zone => "Z",
            Self::Space => " ",
            Self::Quote => "\"",
            Self::Invisible => "\u{202A}",
            Self::Null => "\0",
        };
        text.to_owned()
    }
}

/// Pointers to all fields and elements, parents first.
fn paths(document: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    let mut open = vec![(String::new(), document)];
    while let Some((path, value)) = open.pop() {
        let children: Vec<(String, &Value)> = match value {
            Value::Object(fields) => fields
                .iter()
                .map(|(name, value)| (name.replace('~', "~0").replace('/', "~1"), value))
                .collect(),
            Value::Array(list) => {
                list.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
            }
            _ => continue,
        };
        for (name, value) in children {
            let child = format!("{path}/{name}");
            paths.push(child.clone());
            open.push((child, value));
        }
    }
    paths
}

/// Sets a field, or removes it.
fn set(document: &mut Value, path: Option<&String>, value: Option<Value>) {
    let Some((parent, name)) = path.and_then(|path| path.rsplit_once('/')) else { return };
    let name = name.replace("~1", "/").replace("~0", "~");
    match (document.pointer_mut(parent), value) {
        (Some(Value::Object(fields)), Some(value)) => {
            fields.insert(name, value);
        }
        (Some(Value::Object(fields)), None) => {
            fields.remove(&name);
        }
        _ => {}
    }
}
