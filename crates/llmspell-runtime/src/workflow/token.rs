//! Tokens: `{{step:fetch:output.items[0] | upper}}`, as text and as a tree.

use std::fmt::{self, Write};

use llmspell_core::Value;

/// Deepest nesting of tokens in the operands of others.
const MAX_DEPTH: usize = 8;

/// What a token starts with. Anything else between double braces is left as it is.
const PREFIXES: [&str; 9] = [
    "step:", "branch:", "loop:", "state:", "input:", "file:", "random:", "steps.", "loop.",
];

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) reference: Reference,
    pub(super) filters: Vec<Filter>,
    /// What it stands for when the reference is truthy, and when it is not.
    pub(super) choice: Option<Box<(Operand, Operand)>>,
    pub(super) written: Written,
}

/// The text of a token, for messages. It is no part of what the token means, so all texts are equal.
#[derive(Clone, Debug)]
pub(super) struct Written(Box<str>);

impl PartialEq for Written {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a token refers to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reference {
    /// A step by name, or one within another.
    Step(Place),
    /// A step of a branch.
    Branch(Place),
    /// A variable of a loop, as many loops further out as `parents` says.
    Loop {
        parents: usize,
        variable: Variable,
        path: Path,
    },
    /// Shared state; without a scope that of the workflow, then the global one.
    State {
        scope: Option<String>,
        key: String,
        path: Path,
    },
    /// The input of the workflow, or a member of it.
    Input(Path),
    /// The text of a file.
    File(String),
    /// A random whole number, both ends included.
    Random(i64, i64),
}

/// A step and what is wanted of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) names: Vec<String>,
    pub(super) access: Access,
    pub(super) path: Path,
}

/// Members within a value, outermost first.
pub(super) type Path = Vec<Piece>;

/// One step down into a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Name(String),
    Index(usize),
}

macro_rules! words {
    ($(#[doc = $doc:literal])+ $type:ident { $($variant:ident = $first:literal $(| $other:literal)*,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum $type { $($variant,)+ }

        impl $type {
            /// Every canonical word.
            pub(super) const NAMES: &'static [&'static str] = &[$($first,)+];

            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $first,)+ }
            }

            fn parse(word: &str) -> Result<Self, String> {
                match word {
                    $($first $(| $other)* => Ok(Self::$variant),)+
                    _ => Err(format!("'{word}' is none of {}", Self::NAMES.join(", "))),
                }
            }
        }
    };
}

words! {
    /// What is wanted of a step.
    Access {
        Output = "output",
        Success = "success",
        Error = "error",
        Data = "data",
        Text = "text",
        Duration = "duration_ms",
    }
}

words! {
    /// A variable of a loop.
    Variable {
        Item = "current_item" | "current_value" | "loop_value",
        Index = "current_index" | "loop_index" | "iteration",
    }
}

/// What is done with a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    ToJson,
    FromJson,
    Query(String),
    Upper,
    Lower,
    Trim,
    Length,
    First,
    Last,
    Join(String),
    Default(String),
}

/// One side of a choice.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    Text(Vec<Part>),
    Literal(Value),
    Token(Token),
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    Text(String),
    Token(Token),
    /// Something that starts like a token and is none: its text, and why.
    Malformed(String, String),
}

/// Splits a text into what stands for itself and tokens.
pub(super) fn split(text: &str) -> Vec<Part> {
    let mut reader = Reader { text, at: 0 };
    let mut parts = Vec::new();
    while !reader.is_done() {
        if reader.eat("\\{{") {
            push(&mut parts, "{{");
        } else if reader.opens() {
            let from = reader.at;
            match reader.token(1) {
                Ok(token) => parts.push(Part::Token(token)),
                Err(why) => {
                    reader.at = from + whole(&text[from..]);
                    parts.push(Part::Malformed(text[from..reader.at].to_owned(), why));
                }
            }
        } else {
            push(&mut parts, reader.next());
        }
    }
    parts
}

/// Returns a text with its tokens in their canonical form; what is no token stays as it is.
pub fn canonical(text: &str) -> String {
    split(text).iter().map(ToString::to_string).collect()
}

/// Reads one token that starts at the beginning of `text`, and returns it with the bytes that it takes.
pub(super) fn leading(text: &str) -> Option<Result<(Token, usize), String>> {
    let mut reader = Reader { text, at: 0 };
    reader
        .opens()
        .then(|| reader.token(1).map(|token| (token, reader.at)))
}

/// Returns the length of what looks like one token with those within it; without an end to the first closing braces, else
/// all of the text.
fn whole(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    let mut first = text.len();
    while let Some(found) = text[at..].find(['{', '}']) {
        at += found;
        match text[at..].get(..2) {
            Some("{{") => depth += 1,
            Some("}}") => {
                first = first.min(at + 2);
                depth -= 1;
            }
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    first
}

fn push(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        Some(Part::Text(last)) => last.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn is_done(&self) -> bool {
        self.at == self.text.len()
    }

    /// Takes one character.
    fn next(&mut self) -> &'a str {
        let rest = self.rest();
        let length = rest.chars().next().map_or(0, char::len_utf8);
        self.at += length;
        &rest[..length]
    }

    fn eat(&mut self, text: &str) -> bool {
        let is_next = self.rest().starts_with(text);
        self.at += if is_next { text.len() } else { 0 };
        is_next
    }

    fn expect(&mut self, text: &str) -> Result<(), String> {
        match self.eat(text) {
            true => Ok(()),
            false if self.is_done() => Err(format!("'{text}' is missing at the end")),
            false => Err(format!("expected '{text}' before '{}'", clip(self.rest()))),
        }
    }

    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Takes what is before the next `|`, `?` or `}}`.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let bars = rest.find(['|', '?']).unwrap_or(rest.len());
        let end = rest.find("}}").unwrap_or(rest.len()).min(bars);
        self.at += end;
        &rest[..end]
    }

    /// Returns whether a token starts here.
    fn opens(&self) -> bool {
        let inner = self.rest().strip_prefix("{{").map(str::trim_start);
        inner.is_some_and(|inner| PREFIXES.iter().any(|prefix| inner.starts_with(prefix)))
    }

    fn token(&mut self, depth: usize) -> Result<Token, String> {
        if depth > MAX_DEPTH {
            return Err(format!("tokens are nested deeper than {MAX_DEPTH}"));
        }
        let from = self.at;
        self.expect("{{")?;
        let reference = reference(self.word().trim())?;
        let mut filters = Vec::new();
        while self.eat("|") {
            filters.push(filter(self.word())?);
        }
        let mut choice = None;
        if self.eat("?") {
            let yes = self.operand(depth)?;
            self.space();
            self.expect(":")?;
            choice = Some(Box::new((yes, self.operand(depth)?)));
            self.space();
        }
        self.expect("}}")?;
        Ok(Token {
            reference,
            filters,
            choice,
            written: Written(self.text[from..self.at].into()),
        })
    }

    fn operand(&mut self, depth: usize) -> Result<Operand, String> {
        self.space();
        if self.eat("'") {
            return self.quoted(depth).map(Operand::Text);
        }
        if self.rest().starts_with("{{") {
            return self.token(depth + 1).map(Operand::Token);
        }
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || c == ':' || c == '}');
        let word = &rest[..end.unwrap_or(rest.len())];
        self.at += word.len();
        match literal(word) {
            Some(Value::Null) | None => Err(format!(
                "'{}' is neither a quoted text, a number, true, false nor a token",
                clip(word)
            )),
            Some(value) => Ok(Operand::Literal(value)),
        }
    }

    fn quoted(&mut self, depth: usize) -> Result<Vec<Part>, String> {
        let mut parts = Vec::new();
        loop {
            if self.is_done() {
                return Err("a quoted text has no end".to_owned());
            } else if self.eat("'") {
                return Ok(parts);
            } else if self.eat("\\{{") {
                push(&mut parts, "{{");
            } else if self.eat("\\'") {
                push(&mut parts, "'");
            } else if self.eat("\\\\") {
                push(&mut parts, "\\");
            } else if self.opens() {
                parts.push(Part::Token(self.token(depth + 1)?));
            } else {
                push(&mut parts, self.next());
            }
        }
    }
}

fn clip(text: &str) -> &str {
    let end = text.char_indices().nth(20);
    end.map_or(text, |(end, _)| &text[..end])
}

/// Reads a number or a truth value.
pub(super) fn literal(word: &str) -> Option<Value> {
    match word {
        "true" => Some(true.into()),
        "false" => Some(false.into()),
        "null" => Some(Value::Null),
        word if !word.starts_with(|c: char| c.is_ascii_digit() || c == '-') => None,
        word => match word.parse::<i64>() {
            Ok(number) => Some(number.into()),
            Err(_) => word
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite())
                .map(Value::from),
        },
    }
}

fn reference(text: &str) -> Result<Reference, String> {
    let (prefix, rest) = match text.find([':', '.']) {
        Some(end) => (&text[..=end], text[end + 1..].trim()),
        None => (text, ""),
    };
    match prefix {
        "step:" => place(rest, 1).map(Reference::Step),
        "branch:" => place(rest, 2).map(Reference::Branch),
        "steps." => dotted_place(rest).map(Reference::Step),
        "loop:" | "loop." => loop_reference(rest),
        "state:" => state_reference(rest),
        "input:" => match rest {
            "" => Ok(Reference::Input(Vec::new())),
            rest => path(&format!(".{rest}")).map(Reference::Input),
        },
        "file:" if rest.is_empty() => Err("a file has no name".to_owned()),
        "file:" => Ok(Reference::File(rest.to_owned())),
        "random:" => random_reference(rest),
        other => Err(format!("'{other}' is no reference")),
    }
}

/// Reads `NAME:…:access path` with at least so many names.
fn place(text: &str, least: usize) -> Result<Place, String> {
    let mut names: Vec<&str> = text.split(':').map(str::trim).collect();
    let access = names.pop().unwrap_or_default();
    if names.len() < least {
        let what = ["a step", "a branch and a step"][least - 1];
        return Err(format!(
            "'{text}' does not name {what} and one of {}",
            Access::NAMES.join(", ")
        ));
    }
    if names
        .iter()
        .any(|name| name.is_empty() || name.contains(['{', '}']))
    {
        return Err(format!("'{text}' has an empty or impossible name"));
    }
    let (word, rest) = word_of(access);
    Ok(Place {
        names: names.into_iter().map(str::to_owned).collect(),
        access: Access::parse(word)?,
        path: path(rest)?,
    })
}

fn dotted_place(text: &str) -> Result<Place, String> {
    let Some((name, rest)) = text.split_once('.') else {
        return place(text, 1);
    };
    let (word, rest) = word_of(rest);
    Ok(Place {
        names: vec![name.trim().to_owned()],
        access: Access::parse(word)?,
        path: path(rest)?,
    })
}

fn loop_reference(text: &str) -> Result<Reference, String> {
    let (mut parents, mut rest) = (0, text);
    while let Some(outer) = rest.strip_prefix("parent.") {
        (parents, rest) = (parents + 1, outer);
    }
    let (word, rest) = word_of(rest);
    Ok(Reference::Loop {
        parents,
        variable: Variable::parse(word)?,
        path: path(rest)?,
    })
}

fn state_reference(text: &str) -> Result<Reference, String> {
    let (scope, rest) = match text.split_once("::") {
        Some((scope, rest)) => (Some(scope.trim().to_owned()), rest.trim()),
        None => (None, text),
    };
    let (key, rest) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
    if key.is_empty() {
        return Err("the key of a state is missing".to_owned());
    }
    Ok(Reference::State {
        scope,
        key: key.to_owned(),
        path: path(rest)?,
    })
}

fn random_reference(text: &str) -> Result<Reference, String> {
    let ends = text
        .split_once(':')
        .and_then(|(low, high)| Some((low.trim().parse().ok()?, high.trim().parse().ok()?)));
    match ends {
        Some((low, high)) if low <= high => Ok(Reference::Random(low, high)),
        _ => Err(format!("'{text}' is no pair of whole numbers LOW:HIGH")),
    }
}

/// Splits off the leading word of letters and `_`.
fn word_of(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_lowercase() && c != '_');
    text.split_at(end.unwrap_or(text.len()))
}

/// Reads `.name[0].name`.
pub(super) fn path(text: &str) -> Result<Path, String> {
    let (mut path, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (index, after) = inner
                .split_once(']')
                .ok_or_else(|| format!("']' is missing in '{text}'"))?;
            let index = index.trim().parse();
            path.push(Piece::Index(index.map_err(|_| {
                format!("'{text}' has an index that is no whole number")
            })?));
            rest = after;
        } else if let Some(inner) = rest.strip_prefix('.') {
            let end = inner.find(['.', '[']).unwrap_or(inner.len());
            let name = inner[..end].trim();
            if name.is_empty() || name.contains([']', '{', '}', ':']) {
                return Err(format!("'{text}' has an impossible member"));
            }
            path.push(Piece::Name(name.to_owned()));
            rest = &inner[end..];
        } else {
            return Err(format!("'{}' is no path", clip(rest)));
        }
    }
    Ok(path)
}

fn filter(text: &str) -> Result<Filter, String> {
    let (name, arg) = match text.split_once(':') {
        Some((name, arg)) => (name.trim(), Some(arg)),
        None => (text.trim(), None),
    };
    let plain = |filter: Filter| match arg {
        None => Ok(filter),
        Some(_) => Err(format!("the filter '{name}' takes no argument")),
    };
    let needed = || arg.ok_or_else(|| format!("the filter '{name}' needs an argument"));
    match name {
        "to_json" => plain(Filter::ToJson),
        "from_json" => plain(Filter::FromJson),
        "upper" => plain(Filter::Upper),
        "lower" => plain(Filter::Lower),
        "trim" => plain(Filter::Trim),
        "length" => plain(Filter::Length),
        "first" => plain(Filter::First),
        "last" => plain(Filter::Last),
        "json_query" => Ok(Filter::Query(needed()?.trim().to_owned())),
        // Spaces may be what the items are joined by.
        "join" => Ok(Filter::Join(needed()?.to_owned())),
        "default" => Ok(Filter::Default(needed()?.trim().to_owned())),
        other => {
            let known = "to_json, from_json, json_query, upper, lower, trim, length, first, last, join, default";
            Err(format!("there is no filter '{other}'; there are {known}"))
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&text.replace("{{", "\\{{")),
            Self::Token(token) => write!(f, "{token}"),
            Self::Malformed(text, _) => f.write_str(text),
        }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{{}", self.reference)?;
        for filter in &self.filters {
            write!(f, "|{filter}")?;
        }
        if let Some(choice) = &self.choice {
            write!(f, "?{}:{}", choice.0, choice.1)?;
        }
        f.write_str("}}")
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(place) => write!(f, "step:{place}"),
            Self::Branch(place) => write!(f, "branch:{place}"),
            Self::Loop {
                parents,
                variable,
                path,
            } => {
                write!(f, "loop:{}{}", "parent.".repeat(*parents), variable.name())?;
                write_path(f, path)
            }
            Self::State { scope, key, path } => {
                f.write_str("state:")?;
                if let Some(scope) = scope {
                    write!(f, "{scope}::")?;
                }
                f.write_str(key)?;
                write_path(f, path)
            }
            Self::Input(path) => {
                let mut text = String::new();
                write_path(&mut text, path)?;
                write!(f, "input:{}", text.strip_prefix('.').unwrap_or(&text))
            }
            Self::File(name) => write!(f, "file:{name}"),
            Self::Random(low, high) => write!(f, "random:{low}:{high}"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.names.join(":"), self.access.name())?;
        write_path(f, &self.path)
    }
}

fn write_path(f: &mut impl Write, path: &Path) -> fmt::Result {
    path.iter().try_for_each(|piece| match piece {
        Piece::Name(name) => write!(f, ".{name}"),
        Piece::Index(index) => write!(f, "[{index}]"),
    })
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ToJson => f.write_str("to_json"),
            Self::FromJson => f.write_str("from_json"),
            Self::Upper => f.write_str("upper"),
            Self::Lower => f.write_str("lower"),
            Self::Trim => f.write_str("trim"),
            Self::Length => f.write_str("length"),
            Self::First => f.write_str("first"),
            Self::Last => f.write_str("last"),
            Self::Query(query) => write!(f, "json_query:{query}"),
            Self::Join(separator) => write!(f, "join:{separator}"),
            Self::Default(value) => write!(f, "default:{value}"),
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = match self {
            Self::Text(parts) => parts,
            Self::Literal(value) => return write!(f, "{value}"),
            Self::Token(token) => return write!(f, "{token}"),
        };
        f.write_char('\'')?;
        for part in parts {
            match part {
                Part::Text(text) => {
                    let text = text.replace('\\', "\\\\").replace('\'', "\\'");
                    f.write_str(&text.replace("{{", "\\{{"))?;
                }
                Part::Token(token) => write!(f, "{token}")?,
                Part::Malformed(text, _) => f.write_str(text)?,
            }
        }
        f.write_char('\'')
    }
}

#[cfg(test)]
mod tests;
