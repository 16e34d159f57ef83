//! What a camera wrote into a picture.

use exif::{Context, Exif, Field, In, Tag};
use llmspell_core::{Map, Value};

/// Most fields that are reported, and most characters of one.
const MAX_FIELDS: usize = 200;
const MAX_TEXT: usize = 200;

/// What an EXIF block says.
#[derive(Default)]
pub(super) struct Found {
    pub(super) fields: Map,
    /// `latitude`, `longitude` and `altitude`, if the place is known.
    pub(super) place: Option<Map>,
    /// Horizontal resolution in dots per inch.
    pub(super) dpi: Option<f64>,
}

/// Reads an EXIF block, or a whole TIFF file; what is damaged in it is left out.
pub(super) fn read(block: Vec<u8>) -> Found {
    let mut reader = exif::Reader::new();
    reader.continue_on_error(true);
    let read = reader
        .read_raw(block)
        .or_else(|failure| failure.distill_partial_result(|_| ()));
    let Ok(exif) = read else {
        return Found::default();
    };
    let fields = exif
        .fields()
        .filter(|field| field.ifd_num == In::PRIMARY && is_told(field))
        .take(MAX_FIELDS)
        .map(|field| (field.tag.to_string(), shown(field, &exif)))
        .collect();
    Found {
        fields,
        place: place(&exif),
        dpi: dpi(&exif),
    }
}

/// Returns whether a field is told without being asked for: not the place, not what only software reads.
fn is_told(field: &Field) -> bool {
    const INNER: &[Tag] = &[
        Tag::MakerNote,
        Tag::StripOffsets,
        Tag::StripByteCounts,
        Tag::TileOffsets,
        Tag::TileByteCounts,
        Tag::JPEGInterchangeFormat,
        Tag::JPEGInterchangeFormatLength,
    ];
    let known = field.tag.description().is_some();
    known && field.tag.context() != Context::Gps && !INNER.contains(&field.tag)
}

fn shown(field: &Field, exif: &Exif) -> Value {
    match &field.value {
        exif::Value::Ascii(lines) => {
            let lines: Vec<_> = lines
                .iter()
                .map(|line| String::from_utf8_lossy(line))
                .collect();
            cut(lines.join("\n").trim_end_matches('\0').trim())
        }
        value if has_words(field) => {
            let _ = value;
            cut(&field.display_value().with_unit(exif).to_string())
        }
        exif::Value::Rational(list) if list.len() == 1 => number(list[0].to_f64()),
        exif::Value::SRational(list) if list.len() == 1 => number(list[0].to_f64()),
        exif::Value::Float(list) if list.len() == 1 => number(f64::from(list[0])),
        exif::Value::Double(list) if list.len() == 1 => number(list[0]),
        value => match (value.get_uint(0), value.get_uint(1)) {
            (Some(only), None) => only.into(),
            _ => cut(&field.display_value().to_string()),
        },
    }
}

/// Returns whether the number of a field stands for words, such as how the flash was set.
fn has_words(field: &Field) -> bool {
    field
        .display_value()
        .to_string()
        .contains(char::is_alphabetic)
}

fn number(number: f64) -> Value {
    match number.is_finite() {
        true if number.fract() == 0.0 && number.abs() < 1e15 => Value::Int(number as i64),
        true => Value::Float(number),
        false => Value::Null,
    }
}

fn cut(text: &str) -> Value {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

fn place(exif: &Exif) -> Option<Map> {
    let angle = |tag: Tag, direction: Tag, negative: u8| {
        let field = exif.get_field(tag, In::PRIMARY)?;
        let exif::Value::Rational(parts) = &field.value else {
            return None;
        };
        let [degrees, minutes, seconds] = parts.get(..3)? else {
            return None;
        };
        let angle = degrees.to_f64() + minutes.to_f64() / 60.0 + seconds.to_f64() / 3600.0;
        let direction = exif.get_field(direction, In::PRIMARY);
        let negative = match direction.map(|field| &field.value) {
            Some(exif::Value::Ascii(text)) => {
                text.first().and_then(|text| text.first()) == Some(&negative)
            }
            _ => false,
        };
        angle
            .is_finite()
            .then_some(if negative { -angle } else { angle })
    };
    let latitude = angle(Tag::GPSLatitude, Tag::GPSLatitudeRef, b'S')?;
    let longitude = angle(Tag::GPSLongitude, Tag::GPSLongitudeRef, b'W')?;
    let altitude = exif.get_field(Tag::GPSAltitude, In::PRIMARY);
    let altitude = match altitude.map(|field| &field.value) {
        Some(exif::Value::Rational(list)) => list.first().map(exif::Rational::to_f64),
        _ => None,
    };
    let below = exif
        .get_field(Tag::GPSAltitudeRef, In::PRIMARY)
        .and_then(|field| field.value.get_uint(0))
        == Some(1);
    let altitude = altitude.filter(|altitude| altitude.is_finite());
    let altitude = altitude.map(|altitude| if below { -altitude } else { altitude });
    Some(Map::from([
        ("latitude", Value::Float(latitude)),
        ("longitude", Value::Float(longitude)),
        ("altitude", altitude.into()),
    ]))
}

fn dpi(exif: &Exif) -> Option<f64> {
    let field = exif.get_field(Tag::XResolution, In::PRIMARY)?;
    let exif::Value::Rational(list) = &field.value else {
        return None;
    };
    let unit = exif
        .get_field(Tag::ResolutionUnit, In::PRIMARY)
        .and_then(|field| field.value.get_uint(0))
        .unwrap_or(2);
    let density = list.first()?.to_f64();
    match unit {
        2 => Some(density),
        3 => Some(density * 2.54),
        _ => None,
    }
    .filter(|density| density.is_finite() && *density > 0.0)
}
