//! Data written one way, written another way.

use csv::ByteRecord;
use llmspell_core::value::{MAX_DEPTH, from_json, to_json, to_json_pretty};
use llmspell_core::{Error, Kind, Map, Result, Value, bail, error};
use pulldown_cmark::{Event as Mark, Options, Parser, Tag, TagEnd, html};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::data::csv_analyzer::typed_rows;
use crate::escape::markup;
use crate::page::{Page, markdown, text};

/// The formats by name.
pub(super) const FORMATS: &[&[&str]] = &[
    &["json"],
    &["jsonl", "ndjson"],
    &["yaml", "yml"],
    &["toml"],
    &["csv"],
    &["tsv"],
    &["xml"],
    &["md", "markdown"],
    &["html", "htm"],
    &["txt", "text"],
];

/// Converts in a worker: `{text, from, to}` → `{text, warnings}`.
pub(super) fn convert_job(request: Value) -> Result<Value> {
    let member = |name: &str| {
        request
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let (text, from, to) = (member("text"), member("from"), member("to"));
    let mut warnings = Vec::new();
    let text = match (from, to) {
        ("md", "html") => markdown_to_html(text),
        ("md", "txt") => markdown_to_text(text),
        ("html", "md") => html_to_markdown(text)?,
        ("html", "txt") => html_to_text(text)?,
        _ if is_data(from) && is_data(to) => {
            let data = read(from, text)?;
            if to == "toml" {
                warnings.extend(Nulls::of(&data).warning());
            }
            write(to, &data)?
        }
        _ => return Err(unconvertible(from, to)),
    };
    Ok(Value::from([
        ("text", text.into()),
        ("warnings", warnings.into()),
    ]))
}

/// The members without a value, which TOML cannot write.
#[derive(Default)]
struct Nulls {
    count: usize,
    first: String,
}

impl Nulls {
    fn of(data: &Value) -> Self {
        let mut nulls = Self::default();
        nulls.look(data, &mut String::new());
        nulls
    }

    fn look(&mut self, data: &Value, path: &mut String) {
        let before = path.len();
        match data {
            Value::Null => {
                if self.count == 0 {
                    self.first.clone_from(path);
                }
                self.count += 1;
            }
            Value::Map(members) => {
                for (name, value) in members {
                    path.push_str(if before > 0 { "." } else { "" });
                    path.push_str(name);
                    self.look(value, path);
                    path.truncate(before);
                }
            }
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push_str(&format!("[{index}]"));
                    self.look(item, path);
                    path.truncate(before);
                }
            }
            _ => {}
        }
    }

    fn warning(self) -> Option<String> {
        let Self { count, first } = self;
        match count {
            0 => None,
            1 => Some(format!(
                "the member '{first}' is null, which TOML has not, and was left out"
            )),
            _ => Some(format!(
                "{count} members are null, which TOML has not, and were left out; the first one is '{first}'"
            )),
        }
    }
}

fn is_data(format: &str) -> bool {
    ["json", "jsonl", "yaml", "toml", "csv", "tsv", "xml"].contains(&format)
}

fn unconvertible(from: &str, to: &str) -> Error {
    error!(Unavailable, "{from} cannot be converted to {to}")
        .hint("json, jsonl, yaml, toml, csv, tsv and xml among each other; md and html as well, and both to txt")
}

fn unreadable(format: &str, failure: impl std::fmt::Display) -> Error {
    Error::new(
        Kind::Parse,
        format!("the text is not valid {format}: {failure}"),
    )
}

/// Says what is wrong with YAML, without the library's drawing and the names of its options.
fn unreadable_yaml(failure: &serde_saphyr::Error) -> Error {
    let shown = failure.to_string();
    let first = shown.lines().next().unwrap_or_default();
    let place = first
        .strip_prefix("error: line ")
        .and_then(|rest| rest.split_once(": "));
    let what = place.map_or(first, |(_, what)| what);
    let what = what.split(", set ").next().unwrap_or(what);
    let fault = failure.without_snippet();
    let is_too_much = what.starts_with("budget breached")
        || matches!(
            fault,
            serde_saphyr::Error::Budget { .. }
                | serde_saphyr::Error::AliasReplayLimitExceeded { .. }
                | serde_saphyr::Error::AliasExpansionLimitExceeded { .. }
                | serde_saphyr::Error::AliasReplayStackDepthExceeded { .. }
        );
    let (line, column) = fault
        .location()
        .map_or((0, 0), |place| (place.line(), place.column()));
    let error = match is_too_much {
        true => error!(
            Limit,
            "the YAML holds more than is read at once, or its aliases unfold to more, at line {line}, column {column}"
        ),
        false => unreadable("YAML", format!("{what} at line {line}, column {column}")),
    };
    error.with("line", line).with("column", column)
}

fn read(format: &str, text: &str) -> Result<Value> {
    let value = match format {
        "json" => from_json(text)?,
        "jsonl" => {
            let lines = text
                .lines()
                .enumerate()
                .filter(|(_, line)| !line.trim().is_empty());
            lines
                .map(|(index, line)| from_json(line).map_err(|error| error.with("line", index + 1)))
                .collect::<Result<_>>()?
        }
        "yaml" => {
            // `no` is a country as well.
            let options = serde_saphyr::options! { strict_booleans: true };
            serde_saphyr::from_str_with_options(text, options)
                .map_err(|failure| unreadable_yaml(&failure))?
        }
        "toml" => {
            let table: toml::Table = text
                .parse()
                .map_err(|failure| unreadable("TOML", failure))?;
            from_toml(toml::Value::Table(table))
        }
        "csv" | "tsv" => rows(text, if format == "tsv" { b'\t' } else { b',' })?,
        _ => from_xml(text)?,
    };
    match value.depth() > MAX_DEPTH {
        true => bail!(Limit, "the data is nested deeper than {MAX_DEPTH} levels"),
        false => Ok(value),
    }
}

fn write(format: &str, value: &Value) -> Result<String> {
    Ok(match format {
        "json" => to_json_pretty(value) + "\n",
        "jsonl" => match value {
            Value::List(items) => items.iter().map(|item| to_json(item) + "\n").collect(),
            one => to_json(one) + "\n",
        },
        "yaml" => serde_saphyr::to_string(value).map_err(|failure| unwritable("YAML", failure))?,
        "toml" => {
            let Some(toml::Value::Table(table)) = to_toml(value)? else {
                return Err(unwritable("TOML", "the top must be an object"));
            };
            toml::to_string_pretty(&table).map_err(|failure| unwritable("TOML", failure))?
        }
        "csv" | "tsv" => separated(value, if format == "tsv" { b'\t' } else { b',' })?,
        _ => to_xml(value)?,
    })
}

fn unwritable(format: &str, failure: impl std::fmt::Display) -> Error {
    Error::new(
        Kind::Execution,
        format!("the data cannot be written as {format}: {failure}"),
    )
}

fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::Str(text),
        toml::Value::Integer(number) => Value::Int(number),
        toml::Value::Float(number) => Value::Float(number),
        toml::Value::Boolean(truth) => Value::Bool(truth),
        toml::Value::Datetime(moment) => Value::Str(moment.to_string()),
        toml::Value::Array(items) => items.into_iter().map(from_toml).collect(),
        toml::Value::Table(members) => Value::Map(
            members
                .into_iter()
                .map(|(name, value)| (name, from_toml(value)))
                .collect(),
        ),
    }
}

/// Returns the value as TOML has it; none for nothing, which TOML does not write.
fn to_toml(value: &Value) -> Result<Option<toml::Value>> {
    Ok(Some(match value {
        Value::Null => return Ok(None),
        Value::Bool(truth) => toml::Value::Boolean(*truth),
        Value::Int(number) => toml::Value::Integer(*number),
        Value::Float(number) => toml::Value::Float(*number),
        Value::Str(text) => toml::Value::String(text.clone()),
        Value::List(items) => {
            let items = items.iter().map(|item| {
                to_toml(item)?
                    .ok_or_else(|| unwritable("TOML", "a list holds null, which TOML has not"))
            });
            toml::Value::Array(items.collect::<Result<_>>()?)
        }
        Value::Map(members) => {
            let mut table = toml::Table::new();
            for (name, value) in members {
                if let Some(value) = to_toml(value)? {
                    table.insert(name.to_string(), value);
                }
            }
            toml::Value::Table(table)
        }
        other => return Err(unwritable("TOML", other.type_name())),
    }))
}

/// Reads separated values whose first row names the columns.
fn rows(text: &str, delimiter: u8) -> Result<Value> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut records = reader.byte_records();
    let Some(first) = records.next() else {
        return Ok(Value::List(Vec::new()));
    };
    let first = first.map_err(|failure| unreadable("CSV", failure))?;
    let header: Vec<String> = first
        .iter()
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect();
    let rows = records
        .collect::<Result<Vec<ByteRecord>, _>>()
        .map_err(|failure| unreadable("CSV", failure))?;
    Ok(typed_rows(&header, &rows))
}

/// Writes a list of objects; what is no text or number is written as JSON.
fn separated(value: &Value, delimiter: u8) -> Result<String> {
    let one;
    let items = match value {
        Value::List(items) => items,
        Value::Map(_) => {
            one = vec![value.clone()];
            &one
        }
        other => {
            return Err(unwritable(
                "CSV",
                format!("it must be a list of objects, got {}", other.type_name()),
            ));
        }
    };
    let mut header: Vec<&str> = Vec::new();
    for item in items {
        let Value::Map(members) = item else {
            return Err(unwritable(
                "CSV",
                format!(
                    "it must be a list of objects, got a list with {}",
                    item.type_name()
                ),
            ));
        };
        for name in members.keys() {
            if !header.contains(&name.as_str()) {
                header.push(name);
            }
        }
    }
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .from_writer(Vec::new());
    let cell = |value: Option<&Value>| match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::Str(text)) => text.clone(),
        Some(value) => to_json(value),
    };
    let mut written = Ok(());
    if !header.is_empty() {
        written = writer.write_record(&header);
    }
    for item in items {
        written = written
            .and_then(|()| writer.write_record(header.iter().map(|name| cell(item.get(name)))));
    }
    written.map_err(|failure| unwritable("CSV", failure))?;
    let bytes = writer
        .into_inner()
        .map_err(|failure| unwritable("CSV", failure))?;
    String::from_utf8(bytes).map_err(|failure| unwritable("CSV", failure))
}

/// An element that is being read.
#[derive(Default)]
struct Element {
    name: String,
    members: Map,
    text: String,
}

impl Element {
    fn start(start: &BytesStart<'_>) -> Result<Self> {
        let mut element = Self {
            name: start.name().0.to_owned(),
            ..Self::default()
        };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|failure| unreadable("XML", failure))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|failure| unreadable("XML", failure))?;
            element
                .members
                .insert(format!("@{}", attribute.key.0), value.into_owned().into());
        }
        Ok(element)
    }

    /// Returns the element as data: its text, or an object with its attributes (`@name`), elements and text (`#text`).
    fn end(mut self) -> (String, Value) {
        let text = self.text.trim();
        let value = match (self.members.is_empty(), text.is_empty()) {
            (true, true) => Value::Null,
            (true, false) => text.into(),
            (false, true) => Value::Map(self.members),
            (false, false) => {
                self.members.insert("#text", text.into());
                Value::Map(self.members)
            }
        };
        (self.name, value)
    }

    /// Adds an element; several of one name become a list.
    fn add(&mut self, name: String, value: Value) {
        match self.members.get_mut(&name) {
            None => {
                self.members.insert(name, value);
            }
            Some(Value::List(items)) => items.push(value),
            Some(first) => {
                let first = std::mem::take(first);
                self.members.insert(name, Value::List(vec![first, value]));
            }
        }
    }
}

/// Reads XML. Entities that the document defines itself are refused, so that none can grow.
fn from_xml(text: &str) -> Result<Value> {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Element::default()];
    loop {
        let event = reader
            .read_event()
            .map_err(|failure| unreadable("XML", failure))?;
        let current = open
            .last_mut()
            .ok_or_else(|| unreadable("XML", "an element ends twice"))?;
        match event {
            Event::Start(start) => {
                if open.len() > MAX_DEPTH {
                    bail!(Limit, "elements are nested deeper than {MAX_DEPTH} levels");
                }
                open.push(Element::start(&start)?);
            }
            Event::Empty(start) => {
                let (name, value) = Element::start(&start)?.end();
                current.add(name, value);
            }
            Event::End(_) => {
                let (name, value) = open.pop().unwrap_or_default().end();
                let parent = open
                    .last_mut()
                    .ok_or_else(|| unreadable("XML", "an element ends twice"))?;
                parent.add(name, value);
            }
            Event::Text(part) => current.text.push_str(&part.xml10_content()),
            Event::CData(part) => current.text.push_str(&part),
            Event::GeneralRef(reference) => {
                let letter = reference
                    .resolve_char_ref()
                    .map_err(|failure| unreadable("XML", failure))?;
                match (letter, &*reference) {
                    (Some(letter), _) => current.text.push(letter),
                    (None, "amp") => current.text.push('&'),
                    (None, "lt") => current.text.push('<'),
                    (None, "gt") => current.text.push('>'),
                    (None, "quot") => current.text.push('"'),
                    (None, "apos") => current.text.push('\''),
                    (None, other) => {
                        return Err(unreadable(
                            "XML",
                            format!("the entity '&{other:.40};' is not known"),
                        ));
                    }
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if open.len() != 1 {
        return Err(unreadable("XML", "an element is not closed"));
    }
    let top = open.pop().unwrap_or_default();
    match top.members.is_empty() {
        true => Err(unreadable("XML", "there is no element")),
        false => Ok(Value::Map(top.members)),
    }
}

/// Writes XML: an object with one member is the root element, anything else stands in `root`.
fn to_xml(value: &Value) -> Result<String> {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    match value {
        Value::Map(members)
            if members.len() == 1 && !matches!(members.values().next(), Some(Value::List(_))) =>
        {
            for (name, value) in members {
                element(&mut text, name, value, 0)?;
            }
        }
        Value::List(items) => {
            let all = Map::from([("item", Value::List(items.clone()))]);
            element(&mut text, "root", &Value::Map(all), 0)?;
        }
        other => element(&mut text, "root", other, 0)?,
    }
    Ok(text)
}

fn element(text: &mut String, name: &str, value: &Value, depth: usize) -> Result<()> {
    let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | ':');
    if !name.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
        || !name.chars().all(fits)
    {
        return Err(unwritable(
            "XML",
            format!("'{name:.40}' cannot be the name of an element"),
        ));
    }
    let lead = "  ".repeat(depth);
    match value {
        Value::List(items) => items
            .iter()
            .try_for_each(|item| element(text, name, item, depth)),
        Value::Map(members) => {
            text.push_str(&format!("{lead}<{name}"));
            for (attribute, value) in members.iter().filter(|(name, _)| name.starts_with('@')) {
                let attribute = &attribute[1..];
                if attribute.is_empty() || !attribute.chars().all(fits) {
                    return Err(unwritable(
                        "XML",
                        format!("'@{attribute:.40}' cannot be the name of an attribute"),
                    ));
                }
                text.push_str(&format!(" {attribute}=\"{}\"", escaped(&shown(value))));
            }
            let own = members
                .get("#text")
                .map(|value| escaped(&shown(value)))
                .unwrap_or_default();
            let inner: Vec<_> = members
                .iter()
                .filter(|(name, _)| !name.starts_with('@') && *name != "#text")
                .collect();
            if inner.is_empty() {
                text.push_str(&format!(">{own}</{name}>\n"));
                return Ok(());
            }
            text.push_str(&format!(">{own}\n"));
            for (name, value) in inner {
                element(text, name, value, depth + 1)?;
            }
            text.push_str(&format!("{lead}</{name}>\n"));
            Ok(())
        }
        value => {
            text.push_str(&format!(
                "{lead}<{name}>{}</{name}>\n",
                escaped(&shown(value))
            ));
            Ok(())
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Str(text) => text.clone(),
        other => to_json(other),
    }
}

fn escaped(text: &str) -> String {
    let is_unwritable = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t' | '\r');
    // Letters that XML cannot write.
    markup(text).replace(is_unwritable, "\u{fffd}")
}

/// Writes what a reader of a page sees as Markdown.
fn html_to_markdown(html: &str) -> Result<String> {
    let page = Page::parse(html, None)?;
    page.prune();
    Ok(line_of(markdown(&page.body())))
}

fn html_to_text(html: &str) -> Result<String> {
    let page = Page::parse(html, None)?;
    Ok(line_of(text(&page.body())))
}

/// Returns a text whose last line ends; nothing stays nothing.
fn line_of(mut text: String) -> String {
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// What of Markdown is read beyond its core.
fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
}

fn markdown_to_html(text: &str) -> String {
    let mut converted = String::with_capacity(text.len() * 2);
    html::push_html(&mut converted, Parser::new_ext(text, options()));
    converted
}

/// Returns what is said, without marks.
fn markdown_to_text(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for event in Parser::new_ext(text, options()) {
        match event {
            Mark::Text(part) | Mark::Code(part) => plain.push_str(&part),
            Mark::SoftBreak | Mark::HardBreak => plain.push('\n'),
            Mark::Start(Tag::Item) => plain.push_str("- "),
            Mark::End(TagEnd::Item | TagEnd::TableRow | TagEnd::TableHead) => newline(&mut plain),
            Mark::End(TagEnd::TableCell) => plain.push('\t'),
            Mark::End(
                TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::CodeBlock
                | TagEnd::List(_)
                | TagEnd::Table,
            ) => {
                newline(&mut plain);
                plain.push('\n');
            }
            _ => {}
        }
    }
    let end = plain.trim_end().len();
    plain.truncate(end);
    plain.push('\n');
    plain
}

fn newline(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn data_comes_back_from_every_format() {
        let value = Value::from(json!({"a": {"b": [1, 2.5, true, "x: 'y' <z>"]}, "c": "é"}));
        for format in ["json", "yaml", "toml"] {
            let text = write(format, &value).unwrap();
            assert_eq!(read(format, &text).unwrap(), value, "{format}: {text}");
        }
        let rows = Value::from(json!([{"a": 1, "b": "x,y"}, {"a": 2, "b": "z"}]));
        for format in ["json", "jsonl", "yaml", "csv", "tsv"] {
            let text = write(format, &rows).unwrap();
            assert_eq!(read(format, &text).unwrap(), rows, "{format}: {text}");
        }
    }

    #[test]
    fn yaml_takes_no_word_for_a_truth_value() {
        let value = read("yaml", "land: no\nyes: y\non: true\n").unwrap();
        assert_eq!(
            value.to_serde_json(),
            json!({"land": "no", "yes": "y", "on": true})
        );
        let text = write("yaml", &value).unwrap();
        assert_eq!(read("yaml", &text).unwrap(), value, "{text}");
    }

    #[test]
    fn xml_is_read_and_written() {
        let text = "<?xml version=\"1.0\"?><shop open=\"yes\"><item id=\"1\">A &amp; B&#33;</item><item>C</item><note/><!-- x --></shop>";
        let value = read("xml", text).unwrap();
        assert_eq!(
            value.to_serde_json(),
            json!({"shop": {"@open": "yes", "item": [{"@id": "1", "#text": "A & B!"}, "C"], "note": null}})
        );
        let written = write("xml", &value).unwrap();
        assert_eq!(
            written,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<shop open=\"yes\">\n  <item id=\"1\">A &amp; B!</item>\n  <item>C</item>\n  <note></note>\n</shop>\n"
        );
        assert!(write("xml", &json!({"a b": 1}).into()).is_err());
        for broken in ["<a>", "</a>", "<a></b>", "text", "<a x=1></a>"] {
            assert_eq!(
                read("xml", broken).unwrap_err().kind(),
                Kind::Parse,
                "{broken}"
            );
        }
    }

    #[test]
    fn xml_entity_bomb_is_refused() {
        let bomb = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
        assert_eq!(read("xml", bomb).unwrap_err().kind(), Kind::Parse);
        let outside = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>";
        assert_eq!(read("xml", outside).unwrap_err().kind(), Kind::Parse);
        let deep = "<a>".repeat(100_000);
        assert_eq!(read("xml", &deep).unwrap_err().kind(), Kind::Limit);
    }

    #[test]
    fn what_a_format_lacks_is_told() {
        assert_eq!(
            write("toml", &json!([1]).into()).unwrap_err().kind(),
            Kind::Execution
        );
        assert_eq!(
            write("toml", &json!({"a": [null]}).into())
                .unwrap_err()
                .kind(),
            Kind::Execution
        );
        assert_eq!(
            write("csv", &json!(5).into()).unwrap_err().kind(),
            Kind::Execution
        );
        for (format, text) in [
            ("json", "{"),
            ("yaml", "a: [1"),
            ("toml", "a = "),
            ("jsonl", "{}\n{"),
        ] {
            assert_eq!(
                read(format, text).unwrap_err().kind(),
                Kind::Parse,
                "{format}"
            );
        }
        let broken = read("yaml", "a: 1\na: 2").unwrap_err();
        assert_eq!(
            broken.message(),
            "the text is not valid YAML: duplicate mapping key: a at line 2, column 1"
        );
        assert_eq!(broken.details().get("line"), Some(&2.into()));
        let unknown =
            convert_job(json!({"text": "x", "from": "html", "to": "json"}).into()).unwrap_err();
        assert_eq!(unknown.kind(), Kind::Unavailable);
    }

    #[test]
    fn what_toml_cannot_hold_is_said() {
        let converted = |text: &str| {
            let request = json!({"text": text, "from": "json", "to": "toml"});
            let made = convert_job(request.into()).unwrap();
            (
                made.get("text").cloned(),
                made.get("warnings").cloned().unwrap_or_default(),
            )
        };
        let (text, warnings) = converted(r#"{"a": 1, "b": {"c": null}}"#);
        assert_eq!(text, Some("a = 1\n\n[b]\n".into()));
        assert_eq!(
            warnings,
            json!(["the member 'b.c' is null, which TOML has not, and was left out"]).into()
        );
        let (_, warnings) = converted(r#"{"a": null, "b": [{"c": null, "d": 1}]}"#);
        assert_eq!(
            warnings,
            json!([
                "2 members are null, which TOML has not, and were left out; the first one is 'a'"
            ])
            .into()
        );
        assert_eq!(converted(r#"{"a": 1}"#).1, json!([]).into());
    }

    #[test]
    fn aliases_that_unfold_without_end_are_a_limit() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..10 {
            let inner = vec![format!("*a{}", level - 1); 10].join(", ");
            text += &format!("a{level}: &a{level} [{inner}]\n");
        }
        let error = read("yaml", &text).unwrap_err();
        assert_eq!(error.kind(), Kind::Limit, "{error}");
        assert!(!error.message().contains("budget"), "{error}");
    }

    #[test]
    fn markdown_becomes_html_and_text() {
        let text = "# Title\n\nSome *bold* `code`.\n\n- one\n- two\n";
        assert_eq!(
            markdown_to_html(text),
            "<h1>Title</h1>\n<p>Some <em>bold</em> <code>code</code>.</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"
        );
        assert_eq!(
            markdown_to_text(text),
            "Title\n\nSome bold code.\n\n- one\n- two\n"
        );
    }

    #[test]
    fn html_becomes_what_a_reader_sees() {
        let page = "<title>T</title><h1>Teas</h1><p>We <b>sell</b> <a href=/tea>tea</a>.<script>x</script>\
            <ul><li>Green<li>Black</ul><p hidden>no";
        let converted = |to: &str| {
            let request = json!({"text": page, "from": "html", "to": to});
            let made = convert_job(request.into()).unwrap();
            made.get("text").cloned().unwrap_or_default()
        };
        assert_eq!(
            converted("md"),
            Value::from("# Teas\n\nWe **sell** [tea](/tea).\n\n- Green\n- Black\n")
        );
        assert_eq!(
            converted("txt"),
            Value::from("Teas\nWe sell tea.\nGreen\nBlack\n")
        );
        assert_eq!(html_to_markdown("").unwrap(), "");
    }

    #[test]
    fn a_page_that_is_nested_too_deeply_is_refused() {
        let page = "<b>".repeat(10_000);
        assert_eq!(html_to_markdown(&page).unwrap_err().kind(), Kind::Limit);
    }
}
