//! Filters of both engines: functions from a value and arguments to a value.

use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use llmspell_core::value::{to_json, to_json_pretty};
use llmspell_core::{Error, Kind, Map, Result, Value, bail, error};

use crate::util::text_manipulator::slug;

/// Longest text that a filter makes wider.
const MAX_WIDTH: i64 = 10_000;

/// The arguments of a filter, by place or by name.
#[derive(Debug, Default)]
pub(super) struct Args {
    pub(super) places: Vec<Value>,
    pub(super) names: Map,
}

impl Args {
    pub(super) fn get(&self, place: usize, names: &[&str]) -> Option<&Value> {
        let named = names.iter().find_map(|name| self.names.get(name));
        named
            .or_else(|| self.places.get(place))
            .filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, place: usize, names: &[&str]) -> Option<String> {
        self.get(place, names).map(text)
    }

    pub(super) fn count(&self, place: usize, names: &[&str], default: i64) -> Result<i64> {
        match self.get(place, names) {
            None => Ok(default),
            Some(value) => value.as_int().ok_or_else(|| {
                let name = names.first().copied().unwrap_or_default();
                error!(
                    Execution,
                    "'{name}' must be a whole number, got {}",
                    value.type_name()
                )
            }),
        }
    }
}

/// A filter.
pub(super) type Filter = fn(&Value, &Args) -> Result<Value>;

/// Every filter that both engines have, and further names of each.
pub(super) const FILTERS: &[(&[&str], Filter)] = &[
    (&["upper", "uppercase"], |value, _| {
        Ok(text(value).to_uppercase().into())
    }),
    (&["lower", "lowercase"], |value, _| {
        Ok(text(value).to_lowercase().into())
    }),
    (&["title"], |value, _| Ok(title(&text(value)).into())),
    (&["capitalize"], |value, _| {
        Ok(capitalized(&text(value)).into())
    }),
    (&["trim"], trim),
    (&["default"], default),
    (&["join"], join),
    (&["length"], length),
    (&["replace"], replace),
    (&["round"], round),
    (&["date"], date),
    (&["json", "json_encode"], json),
    (
        &["urlencode"],
        |value, _| Ok(urlencode(&text(value)).into()),
    ),
    (&["truncate"], truncate),
    (&["wordwrap"], wordwrap),
    (&["slugify"], |value, _| Ok(slug(&text(value)).into())),
    (&["wordcount"], |value, _| {
        Ok(text(value).split_whitespace().count().into())
    }),
    (&["striptags"], |value, _| {
        Ok(without_tags(&text(value)).into())
    }),
    (&["nth"], nth),
];

/// Returns the value as it appears in a rendered text.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Str(text) => text.clone(),
        other => to_json(other),
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first
            .to_uppercase()
            .chain(letters.flat_map(char::to_lowercase))
            .collect(),
        None => String::new(),
    }
}

fn title(text: &str) -> String {
    text.split_inclusive(|letter: char| !letter.is_alphanumeric() && letter != '\'')
        .map(capitalized)
        .collect()
}

fn trim(value: &Value, args: &Args) -> Result<Value> {
    let text = text(value);
    Ok(match args.text(0, &["chars"]) {
        Some(letters) => text.trim_matches(|letter| letters.contains(letter)).into(),
        None => text.trim().into(),
    })
}

/// Gives the default for what is missing; with `boolean` also for what counts as false.
fn default(value: &Value, args: &Args) -> Result<Value> {
    let falsy = matches!(args.get(1, &["boolean"]), Some(Value::Bool(true)))
        && match value {
            Value::Bool(truth) => !truth,
            Value::Str(text) => text.is_empty(),
            Value::Int(number) => *number == 0,
            other => other.as_list().is_some_and(<[Value]>::is_empty),
        };
    if value.is_null() || falsy {
        return Ok(args
            .get(0, &["value", "default_value"])
            .cloned()
            .unwrap_or_else(|| "".into()));
    }
    Ok(value.clone())
}

fn join(value: &Value, args: &Args) -> Result<Value> {
    let Some(items) = value.as_list() else {
        bail!(Execution, "join needs a list, got {}", value.type_name());
    };
    let items: Vec<String> = items.iter().map(text).collect();
    Ok(items
        .join(&args.text(0, &["sep", "d", "separator"]).unwrap_or_default())
        .into())
}

fn length(value: &Value, _: &Args) -> Result<Value> {
    Ok(match value {
        Value::Null => 0.into(),
        Value::List(items) => items.len().into(),
        Value::Map(members) => members.len().into(),
        other => text(other).chars().count().into(),
    })
}

fn replace(value: &Value, args: &Args) -> Result<Value> {
    let (Some(from), Some(to)) = (args.text(0, &["from", "old"]), args.text(1, &["to", "new"]))
    else {
        bail!(
            Execution,
            "replace needs a text to look for and one to put in its place"
        );
    };
    if from.is_empty() {
        return Ok(text(value).into());
    }
    Ok(text(value).replace(&from, &to).into())
}

fn round(value: &Value, args: &Args) -> Result<Value> {
    let number = match value {
        Value::Str(text) => text.trim().parse().ok(),
        other => other.as_float(),
    };
    let Some(number) = number else {
        bail!(Execution, "round needs a number, got {}", value.type_name());
    };
    let method = args.text(1, &["method"]).or_else(|| {
        args.text(0, &["method"])
            .filter(|text| text.parse::<i64>().is_err())
    });
    let precision = match args.get(0, &["precision"]) {
        Some(Value::Str(_)) | None => 0,
        Some(_) => args.count(0, &["precision"], 0)?,
    };
    let scale = 10_f64.powi(i32::try_from(precision.clamp(-300, 300)).unwrap_or(0));
    let scaled = number * scale;
    let whole = match method.as_deref() {
        Some("ceil") => scaled.ceil(),
        Some("floor") => scaled.floor(),
        Some("common") | None => scaled.round(),
        Some(other) => bail!(
            Execution,
            "round knows the methods common, ceil and floor, not '{other}'"
        ),
    };
    let rounded = whole / scale;
    Ok(if precision <= 0 && rounded.abs() < 9.0e15 {
        Value::Int(rounded as i64)
    } else {
        Value::Float(rounded)
    })
}

/// Formats a moment: RFC 3339 text, a date, or seconds since 1970.
fn date(value: &Value, args: &Args) -> Result<Value> {
    let format = args
        .text(0, &["format"])
        .unwrap_or_else(|| "%Y-%m-%d".to_owned());
    let zone = match args.text(1, &["timezone"]) {
        Some(name) => {
            TimeZone::get(&name).map_err(|_| error!(Execution, "unknown time zone '{name:.40}'"))?
        }
        None => TimeZone::UTC,
    };
    let moment = moment(value, &zone).ok_or_else(|| {
        error!(
            Execution,
            "date needs a date or seconds since 1970, got '{:.40}'",
            text(value)
        )
    })?;
    strtime::format(&format, &moment)
        .map(Value::from)
        .map_err(|failure| {
            error!(
                Execution,
                "date cannot use the format '{format:.40}': {failure}"
            )
        })
}

fn moment(value: &Value, zone: &TimeZone) -> Option<Zoned> {
    let at = |stamp: Timestamp| stamp.to_zoned(zone.clone());
    match value {
        Value::Int(seconds) => Timestamp::from_second(*seconds).ok().map(at),
        Value::Float(seconds) => Timestamp::from_microsecond((seconds * 1e6) as i64)
            .ok()
            .map(at),
        Value::Str(text) => {
            let text = text.trim();
            let civil = || {
                text.parse::<DateTime>().ok().or_else(|| {
                    Some(
                        text.parse::<Date>()
                            .ok()?
                            .to_datetime(jiff::civil::Time::midnight()),
                    )
                })
            };
            let stamp = text.parse::<Timestamp>().ok().map(at);
            stamp
                .or_else(|| civil()?.to_zoned(zone.clone()).ok())
                .or_else(|| moment(&Value::Int(text.parse().ok()?), zone))
        }
        _ => None,
    }
}

fn json(value: &Value, args: &Args) -> Result<Value> {
    let pretty = matches!(args.get(0, &["pretty"]), Some(Value::Bool(true)));
    Ok(if pretty {
        to_json_pretty(value)
    } else {
        to_json(value)
    }
    .into())
}

fn urlencode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                encoded.push(byte.into())
            }
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

fn truncate(value: &Value, args: &Args) -> Result<Value> {
    let length = args.count(0, &["length"], 255)?;
    let end = match args.get(1, &["end"]) {
        Some(Value::Str(end)) => end.clone(),
        _ => args.text(2, &["end"]).unwrap_or_else(|| "…".to_owned()),
    };
    let text = text(value);
    let length = usize::try_from(length).unwrap_or(0);
    Ok(match text.char_indices().nth(length) {
        Some((cut, _)) => format!("{}{end}", &text[..cut]).into(),
        None => text.into(),
    })
}

fn wordwrap(value: &Value, args: &Args) -> Result<Value> {
    let width = args.count(0, &["width"], 79)?;
    if !(1..=MAX_WIDTH).contains(&width) {
        bail!(
            Execution,
            "wordwrap needs a width between 1 and {MAX_WIDTH}, got {width}"
        );
    }
    Ok(textwrap::fill(&text(value), usize::try_from(width).unwrap_or(79)).into())
}

fn without_tags(text: &str) -> String {
    let mut inside = false;
    let outside = |letter: &char| {
        let was = inside;
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            _ => {}
        }
        !was && !inside
    };
    text.chars().filter(outside).collect()
}

fn nth(value: &Value, args: &Args) -> Result<Value> {
    let index = args.count(0, &["n"], 0)?;
    let item = usize::try_from(index)
        .ok()
        .and_then(|index| value.as_list()?.get(index));
    Ok(item.cloned().unwrap_or_default())
}

/// Returns the moment as RFC 3339 text, or as seconds since 1970.
pub(super) fn now(micros: i64, as_number: bool) -> Result<Value> {
    let moment = Timestamp::from_microsecond(micros)
        .map_err(|_| Error::new(Kind::Execution, "the clock is out of range"))?;
    Ok(if as_number {
        moment.as_second().into()
    } else {
        moment.to_string().into()
    })
}
