//! Cells as PostgreSQL sends them.

use std::error::Error as StdError;

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Span, Timestamp};
use llmspell_core::value::from_json;
use llmspell_core::{Map, Value};
use tokio_postgres::types::{FromSql, Kind, Type};

use crate::data::database_connector::sqlite::blob;

type Fault = Box<dyn StdError + Sync + Send>;

/// A cell of any type, as data.
pub(super) struct Cell(pub(super) Value);

impl<'a> FromSql<'a> for Cell {
    fn from_sql(data_type: &Type, raw: &'a [u8]) -> Result<Self, Fault> {
        value(data_type, raw, 0).map(Self)
    }

    fn from_sql_null(_: &Type) -> Result<Self, Fault> {
        Ok(Self(Value::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// Deepest nesting of types in types.
const MAX_DEPTH: usize = 16;

fn value(data_type: &Type, raw: &[u8], depth: usize) -> Result<Value, Fault> {
    if depth > MAX_DEPTH {
        return Err("types are nested too deeply".into());
    }
    match data_type.kind() {
        Kind::Array(inner) => return array(inner, raw, depth + 1),
        Kind::Domain(inner) => return value(inner, raw, depth + 1),
        Kind::Enum(_) => return text(raw),
        Kind::Range(inner) => return range(inner, raw, depth + 1),
        Kind::Composite(fields) => {
            let mut reader = Reader(raw);
            let _ = reader.int()?;
            let mut members = Map::new();
            for field in fields {
                let _ = reader.int()?;
                let cell = reader.sized()?;
                let cell = cell.map_or(Ok(Value::Null), |cell| {
                    value(field.type_(), cell, depth + 1)
                })?;
                members.insert(field.name().to_owned(), cell);
            }
            return Ok(Value::Map(members));
        }
        _ => {}
    }
    let mut reader = Reader(raw);
    Ok(match *data_type {
        Type::BOOL => Value::Bool(reader.take::<1>()? != [0]),
        Type::INT2 => Value::Int(i16::from_be_bytes(reader.take()?).into()),
        Type::INT4 => Value::Int(reader.int()?.into()),
        Type::INT8 => Value::Int(reader.long()?),
        Type::OID | Type::XID | Type::CID => Value::Int(u32::from_be_bytes(reader.take()?).into()),
        Type::FLOAT4 => Value::Float(short(f32::from_be_bytes(reader.take()?))),
        Type::FLOAT8 => Value::Float(f64::from_be_bytes(reader.take()?)),
        Type::NUMERIC => Value::Str(numeric(&mut reader)?),
        Type::MONEY => Value::Str(hundredths(reader.long()?)),
        Type::BYTEA => blob(raw),
        Type::JSON => json(raw)?,
        Type::JSONB => json(raw.get(1..).unwrap_or_default())?,
        Type::UUID => Value::Str(uuid::Uuid::from_bytes(reader.take()?).to_string()),
        Type::DATE => Value::Str(date(reader.int()?)),
        Type::TIME => Value::Str(time(reader.long()?)),
        Type::TIMETZ => {
            let clock = time(reader.long()?);
            Value::Str(clock + &zone(-reader.int()?))
        }
        Type::TIMESTAMP => Value::Str(timestamp(reader.long()?, false)),
        Type::TIMESTAMPTZ => Value::Str(timestamp(reader.long()?, true)),
        Type::INTERVAL => {
            let (micros, days, months) = (reader.long()?, reader.int()?, reader.int()?);
            Value::Str(interval(micros, days, months))
        }
        Type::INET | Type::CIDR => Value::Str(address(raw, *data_type == Type::CIDR)?),
        Type::MACADDR | Type::MACADDR8 => {
            let parts: Vec<String> = raw.iter().map(|byte| format!("{byte:02x}")).collect();
            Value::Str(parts.join(":"))
        }
        Type::BIT | Type::VARBIT => Value::Str(bits(&mut reader)?),
        Type::VOID => Value::Null,
        Type::TEXT
        | Type::VARCHAR
        | Type::BPCHAR
        | Type::NAME
        | Type::UNKNOWN
        | Type::XML
        | Type::CHAR
        | Type::REGCLASS
        | Type::REFCURSOR => text(raw)?,
        ref other if matches!(other.name(), "citext" | "ltree" | "lquery" | "ltxtquery") => {
            // ltree begins with a version.
            let start = usize::from(raw.first() == Some(&1) && other.name() != "citext");
            text(&raw[start..])?
        }
        _ => blob(raw),
    })
}

/// What is left of a cell.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (taken, rest) = self
            .0
            .split_first_chunk::<N>()
            .ok_or("a cell is too short")?;
        self.0 = rest;
        Ok(*taken)
    }

    fn short(&mut self) -> Result<i16, Fault> {
        self.take().map(i16::from_be_bytes)
    }

    fn int(&mut self) -> Result<i32, Fault> {
        self.take().map(i32::from_be_bytes)
    }

    fn long(&mut self) -> Result<i64, Fault> {
        self.take().map(i64::from_be_bytes)
    }

    /// Reads a length and so many bytes; none for NULL.
    fn sized(&mut self) -> Result<Option<&'a [u8]>, Fault> {
        let Ok(length) = usize::try_from(self.int()?) else {
            return Ok(None);
        };
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or("a cell is too short")?;
        self.0 = rest;
        Ok(Some(taken))
    }
}

fn text(raw: &[u8]) -> Result<Value, Fault> {
    Ok(Value::Str(std::str::from_utf8(raw)?.to_owned()))
}

fn json(raw: &[u8]) -> Result<Value, Fault> {
    let text = std::str::from_utf8(raw)?;
    Ok(from_json(text).unwrap_or_else(|_| text.into()))
}

/// Returns the shortest number that reads as this one in single precision.
fn short(number: f32) -> f64 {
    number.to_string().parse().unwrap_or_else(|_| number.into())
}

fn array(inner: &Type, raw: &[u8], depth: usize) -> Result<Value, Fault> {
    let mut reader = Reader(raw);
    let (count, _, _) = (reader.int()?, reader.int()?, reader.int()?);
    let mut sizes = Vec::new();
    for _ in 0..count.clamp(0, 6) {
        sizes.push(usize::try_from(reader.int()?)?);
        let _ = reader.int()?;
    }
    if sizes.is_empty() {
        return Ok(Value::List(Vec::new()));
    }
    dimension(inner, &mut reader, &sizes, depth)
}

fn dimension(
    inner: &Type,
    reader: &mut Reader<'_>,
    sizes: &[usize],
    depth: usize,
) -> Result<Value, Fault> {
    let mut items = Vec::new();
    for _ in 0..sizes[0] {
        items.push(match &sizes[1..] {
            [] => match reader.sized()? {
                None => Value::Null,
                Some(cell) => value(inner, cell, depth)?,
            },
            deeper => dimension(inner, reader, deeper, depth)?,
        });
    }
    Ok(Value::List(items))
}

/// Writes a range as the server does: `[1,5)`.
fn range(inner: &Type, raw: &[u8], depth: usize) -> Result<Value, Fault> {
    let mut reader = Reader(raw);
    let [flags] = reader.take::<1>()?;
    if flags & 1 != 0 {
        return Ok("empty".into());
    }
    let mut side = |endless: u8| match flags & endless != 0 {
        true => Ok(String::new()),
        false => match reader.sized()? {
            None => Ok(String::new()),
            Some(cell) => value(inner, cell, depth).map(|value| match value {
                Value::Str(text) => text,
                other => other.to_string(),
            }),
        },
    };
    let (low, high) = (side(8)?, side(16)?);
    let open = if flags & 2 != 0 { '[' } else { '(' };
    let close = if flags & 4 != 0 { ']' } else { ')' };
    Ok(format!("{open}{low},{high}{close}").into())
}

/// Writes a decimal with all its digits.
fn numeric(reader: &mut Reader<'_>) -> Result<String, Fault> {
    let (count, weight, sign, scale) = (
        reader.short()?,
        reader.short()?,
        reader.short()? as u16,
        reader.short()?,
    );
    match sign {
        0xc000 => return Ok("NaN".to_owned()),
        0xd000 => return Ok("Infinity".to_owned()),
        0xf000 => return Ok("-Infinity".to_owned()),
        _ => {}
    }
    let mut groups = Vec::new();
    for _ in 0..count {
        groups.push(reader.short()?);
    }
    let group = |place: i32| {
        usize::try_from(place)
            .ok()
            .and_then(|place| groups.get(place))
            .copied()
            .unwrap_or(0)
    };
    let mut text = String::new();
    if sign == 0x4000 {
        text.push('-');
    }
    match weight {
        ..0 => text.push('0'),
        _ => {
            text.push_str(&group(0).to_string());
            (1..=i32::from(weight))
                .for_each(|place| text.push_str(&format!("{:04}", group(place))));
        }
    }
    if let Ok(scale) = usize::try_from(scale)
        && scale > 0
    {
        let mut fraction = String::new();
        let mut place = i32::from(weight) + 1;
        if weight < -1 {
            // Groups of zeros before the first one.
            fraction = "0000".repeat(usize::try_from(-i32::from(weight) - 1)?);
            place = 0;
        }
        while fraction.len() < scale {
            fraction.push_str(&format!("{:04}", group(place)));
            place += 1;
        }
        text.push('.');
        text.push_str(&fraction[..scale]);
    }
    Ok(text)
}

fn hundredths(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let whole = number.unsigned_abs();
    format!("{sign}{}.{:02}", whole / 100, whole % 100)
}

const EPOCH: DateTime = DateTime::constant(2000, 1, 1, 0, 0, 0, 0);

fn date(days: i32) -> String {
    match days {
        i32::MAX => "infinity".to_owned(),
        i32::MIN => "-infinity".to_owned(),
        _ => {
            let date = Span::new()
                .try_days(days)
                .ok()
                .and_then(|span| EPOCH.date().checked_add(span).ok());
            date.map_or_else(
                || format!("{days} days after 2000-01-01"),
                |date: Date| date.to_string(),
            )
        }
    }
}

fn time(micros: i64) -> String {
    if micros == 86_400_000_000 {
        return "24:00:00".to_owned();
    }
    Time::midnight()
        .wrapping_add(SignedDuration::from_micros(micros))
        .to_string()
}

fn zone(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.unsigned_abs();
    format!("{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60)
}

fn timestamp(micros: i64, zoned: bool) -> String {
    match micros {
        i64::MAX => return "infinity".to_owned(),
        i64::MIN => return "-infinity".to_owned(),
        _ => {}
    }
    const BETWEEN: i64 = 946_684_800_000_000;
    let moment = micros
        .checked_add(BETWEEN)
        .and_then(|micros| Timestamp::from_microsecond(micros).ok());
    match moment {
        None => format!("{micros} microseconds after 2000-01-01"),
        Some(moment) if zoned => moment.to_string(),
        Some(moment) => moment.to_string().trim_end_matches('Z').to_owned(),
    }
}

/// Writes a duration as ISO 8601 does: `P1Y2M3DT4H5M6.5S`.
fn interval(micros: i64, days: i32, months: i32) -> String {
    let mut text = String::from("P");
    let mut put = |number: i64, unit: &str| {
        if number != 0 {
            text.push_str(&format!("{number}{unit}"));
        }
    };
    put((months / 12).into(), "Y");
    put((months % 12).into(), "M");
    put(days.into(), "D");
    if micros != 0 {
        put_time(&mut text, micros);
    }
    if text == "P" { "PT0S".to_owned() } else { text }
}

fn put_time(text: &mut String, micros: i64) {
    text.push('T');
    let (hours, minutes) = (micros / 3_600_000_000, micros / 60_000_000 % 60);
    let rest = micros % 60_000_000;
    if hours != 0 {
        text.push_str(&format!("{hours}H"));
    }
    if minutes != 0 {
        text.push_str(&format!("{minutes}M"));
    }
    if rest != 0 {
        let sign = if rest < 0 { "-" } else { "" };
        let (whole, part) = (
            rest.unsigned_abs() / 1_000_000,
            rest.unsigned_abs() % 1_000_000,
        );
        let mut seconds = format!("{sign}{whole}");
        if part != 0 {
            seconds.push_str(format!(".{part:06}").trim_end_matches('0'));
        }
        text.push_str(&seconds);
        text.push('S');
    }
}

fn address(raw: &[u8], is_network: bool) -> Result<String, Fault> {
    let [_, mask, _, length, bytes @ ..] = raw else {
        return Err("a cell is too short".into());
    };
    let (address, most) = match (length, bytes) {
        (4, bytes) => (core::net::IpAddr::from(<[u8; 4]>::try_from(bytes)?), 32),
        (_, bytes) => (core::net::IpAddr::from(<[u8; 16]>::try_from(bytes)?), 128),
    };
    Ok(match is_network || *mask != most {
        true => format!("{address}/{mask}"),
        false => address.to_string(),
    })
}

fn bits(reader: &mut Reader<'_>) -> Result<String, Fault> {
    let length = usize::try_from(reader.int()?)?;
    let bit = |place: usize| {
        let byte = reader.0.get(place / 8).copied().unwrap_or(0);
        if byte >> (7 - place % 8) & 1 == 1 {
            '1'
        } else {
            '0'
        }
    };
    Ok((0..length.min(reader.0.len() * 8)).map(bit).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(parts: &[i16]) -> String {
        let raw: Vec<u8> = parts.iter().flat_map(|part| part.to_be_bytes()).collect();
        numeric(&mut Reader(&raw)).unwrap()
    }

    #[test]
    fn decimals_keep_every_digit() {
        // count, weight, sign, scale, groups of four digits
        assert_eq!(decimal(&[2, 0, 0, 2, 123, 4500]), "123.45");
        assert_eq!(decimal(&[1, 0, 0x4000, 0, 7]), "-7");
        assert_eq!(decimal(&[1, 1, 0, 0, 1]), "10000");
        assert_eq!(decimal(&[3, 2, 0, 3, 1, 2, 3]), "100020003.000");
        assert_eq!(decimal(&[1, -1, 0, 4, 5]), "0.0005");
        assert_eq!(decimal(&[1, -3, 0, 12, 5]), "0.000000000005");
        assert_eq!(decimal(&[0, 0, 0, 2]), "0.00");
        assert_eq!(decimal(&[0, 0, -0x4000, 0]), "NaN");
    }

    #[test]
    fn times_are_written_as_rfc_3339() {
        assert_eq!(timestamp(0, true), "2000-01-01T00:00:00Z");
        assert_eq!(timestamp(-1, false), "1999-12-31T23:59:59.999999");
        assert_eq!(timestamp(i64::MAX, true), "infinity");
        assert_eq!(date(366), "2001-01-01");
        assert_eq!(time(3_723_500_000), "01:02:03.5");
        assert_eq!(interval(3_723_500_000, 3, 14), "P1Y2M3DT1H2M3.5S");
        assert_eq!(interval(0, 0, 0), "PT0S");
        assert_eq!(interval(-1_500_000, 0, 0), "PT-1.5S");
        assert_eq!(zone(-19_800), "-05:30");
    }
}
