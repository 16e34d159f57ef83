//! Tables in other containers than text: spreadsheets and Parquet.

use std::io::Cursor;
use std::sync::Arc;

use calamine::{Data, Reader as _, open_workbook_auto_from_rs};
use csv::ByteRecord;
use jiff::{Timestamp, civil::Date};
use llmspell_core::{Result, Value, bail, error};
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::record::Field;
use parquet::schema::types::Type;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};

use super::cell::{Cell, DataType};
use super::output::unwritable;

/// Turns a spreadsheet or a Parquet file into separated values, for a worker: `{bytes, kind, sheet?}` → `{text, sheet,
/// sheets}`.
pub(super) fn to_csv(request: Value) -> Result<Value> {
    let bytes = match request.get("bytes") {
        Some(Value::Bytes(bytes)) => bytes.clone(),
        _ => bail!(InvalidArgs, "a sheet without bytes"),
    };
    match request.get("kind").and_then(Value::as_str) {
        Some("parquet") => from_parquet(bytes),
        _ => from_workbook(bytes, request.get("sheet").and_then(Value::as_str)),
    }
}

fn answer(writer: csv::Writer<Vec<u8>>, sheet: Value, sheets: Vec<String>) -> Result<Value> {
    let text = writer
        .into_inner()
        .map_err(|failure| error!(Bug, "a text in memory cannot be written: {failure}"))?;
    Ok(Value::from([
        ("text", Value::Bytes(text)),
        ("sheet", sheet),
        ("sheets", sheets.into_iter().map(Value::from).collect()),
    ]))
}

fn put(writer: &mut csv::Writer<Vec<u8>>, row: &ByteRecord) -> Result<()> {
    writer
        .write_byte_record(row)
        .map_err(|failure| error!(Bug, "a text in memory cannot be written: {failure}"))
}

fn from_workbook(bytes: Vec<u8>, wanted: Option<&str>) -> Result<Value> {
    let unreadable = |failure: calamine::Error| {
        error!(
            Parse,
            "the file is no spreadsheet that can be read: {failure}"
        )
    };
    let mut workbook = open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(unreadable)?;
    let sheets = workbook.sheet_names();
    let by_name = |name: &str| sheets.iter().find(|known| known.eq_ignore_ascii_case(name));
    let by_place = |name: &str| {
        let place: usize = name.parse().ok()?;
        sheets.get(place.checked_sub(1)?)
    };
    let sheet = match wanted {
        None => sheets.first(),
        Some(name) => by_name(name).or_else(|| by_place(name)),
    };
    let Some(sheet) = sheet.cloned() else {
        let wanted = wanted.unwrap_or("1");
        let known = sheets.join(", ");
        bail!(
            NotFound,
            "there is no sheet '{wanted:.100}', only: {known:.1000}"
        );
    };
    let range = workbook.worksheet_range(&sheet).map_err(unreadable)?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in range.rows() {
        put(
            &mut writer,
            &row.iter().map(|cell| shown(cell).into_bytes()).collect(),
        )?;
    }
    answer(writer, sheet.into(), sheets)
}

fn shown(cell: &Data) -> String {
    match cell {
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(truth) => truth.to_string(),
        Data::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            match (hour, minute, second, milli) {
                (0, 0, 0, 0) => date,
                (_, _, _, 0) => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
                _ => format!("{date}T{hour:02}:{minute:02}:{second:02}.{milli:03}"),
            }
        }
        Data::DateTime(duration) => duration.as_f64().to_string(),
        Data::Error(error) => error.to_string(),
        Data::Empty => String::new(),
    }
}

/// Writes a spreadsheet with one sheet.
pub(super) fn to_xlsx(
    header: &[String],
    types: &[DataType],
    rows: &[ByteRecord],
) -> Result<Vec<u8>> {
    const MOST_ROWS: usize = 1_048_575;
    const MOST_COLUMNS: usize = 16_384;
    if rows.len() > MOST_ROWS || header.len() > MOST_COLUMNS {
        return Err(error!(
            Limit,
            "a sheet has at most {MOST_ROWS} rows and {MOST_COLUMNS} columns"
        )
        .with("limit", MOST_ROWS));
    }
    let failed = |failure: rust_xlsxwriter::XlsxError| unwritable("xlsx", failure);
    let mut workbook = Workbook::new();
    // The same table gives the same bytes.
    let date = ExcelDateTime::from_ymd(2000, 1, 1).map_err(failed)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&date));
    let sheet = workbook.add_worksheet();
    for (column, name) in (0_u16..).zip(header) {
        sheet
            .write_string(0, column, name.as_str())
            .map_err(failed)?;
    }
    for (place, row) in (1_u32..).zip(rows) {
        for ((column, data_type), text) in (0_u16..).zip(types).zip(row) {
            match data_type.value(text) {
                Value::Null => continue,
                Value::Int(number) if number.unsigned_abs() < 1 << 53 => {
                    sheet.write_number(place, column, number as f64)
                }
                Value::Float(number) => sheet.write_number(place, column, number),
                Value::Bool(truth) => sheet.write_boolean(place, column, truth),
                _ => sheet.write_string(place, column, String::from_utf8_lossy(text)),
            }
            .map_err(failed)?;
        }
    }
    workbook.save_to_buffer().map_err(failed)
}

fn from_parquet(bytes: Vec<u8>) -> Result<Value> {
    let unreadable = |failure: parquet::errors::ParquetError| {
        error!(Parse, "the file is no Parquet that can be read: {failure}")
    };
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).map_err(unreadable)?;
    let schema = reader.metadata().file_metadata().schema();
    let names: Vec<String> = schema
        .get_fields()
        .iter()
        .map(|field| field.name().to_owned())
        .collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    put(&mut writer, &names.iter().collect())?;
    for row in reader.get_row_iter(None).map_err(unreadable)? {
        let row = row.map_err(unreadable)?;
        let cells = row
            .get_column_iter()
            .map(|(_, field)| told(field).into_bytes());
        put(&mut writer, &cells.collect())?;
    }
    answer(writer, Value::Null, Vec::new())
}

fn told(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Bool(truth) => truth.to_string(),
        Field::Byte(number) => number.to_string(),
        Field::Short(number) => number.to_string(),
        Field::Int(number) => number.to_string(),
        Field::Long(number) => number.to_string(),
        Field::UByte(number) => number.to_string(),
        Field::UShort(number) => number.to_string(),
        Field::UInt(number) => number.to_string(),
        Field::ULong(number) => number.to_string(),
        Field::Float(number) => number.to_string(),
        Field::Double(number) => number.to_string(),
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into_owned(),
        Field::Date(days) => day(*days).map_or_else(|| days.to_string(), |day| day.to_string()),
        Field::TimestampMillis(millis) => {
            moment(Timestamp::from_millisecond(*millis).ok(), *millis)
        }
        Field::TimestampMicros(micros) => {
            moment(Timestamp::from_microsecond(*micros).ok(), *micros)
        }
        other => other.to_string(),
    }
}

const EPOCH: Date = Date::constant(1970, 1, 1);

fn day(days: i32) -> Option<Date> {
    EPOCH
        .checked_add(jiff::Span::new().try_days(days).ok()?)
        .ok()
}

fn moment(moment: Option<Timestamp>, number: i64) -> String {
    moment.map_or_else(|| number.to_string(), |moment| moment.to_string())
}

/// Writes a Parquet file with one row group, compressed with Snappy.
pub(super) fn to_parquet(
    header: &[String],
    types: &[DataType],
    rows: &[ByteRecord],
) -> Result<Vec<u8>> {
    let failed = |failure: parquet::errors::ParquetError| unwritable("parquet", failure);
    let columns = header.iter().zip(types);
    let fields = columns
        .map(|(name, data_type)| {
            let (physical, logical) = match data_type {
                DataType::Integer => (Physical::INT64, None),
                DataType::Float => (Physical::DOUBLE, None),
                DataType::Boolean => (Physical::BOOLEAN, None),
                DataType::Date => (Physical::INT32, Some(LogicalType::Date)),
                _ => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            };
            let field = Type::primitive_type_builder(name, physical)
                .with_repetition(Repetition::OPTIONAL)
                .with_logical_type(logical);
            Ok(Arc::new(field.build().map_err(failed)?))
        })
        .collect::<Result<Vec<_>>>()?;
    let schema = Type::group_type_builder("schema")
        .with_fields(fields)
        .build()
        .map_err(failed)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .build();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))
        .map_err(failed)?;
    let mut group = writer.next_row_group().map_err(failed)?;
    for (index, data_type) in types.iter().enumerate() {
        write_column(&mut group, *data_type, rows.iter().map(|row| &row[index])).map_err(failed)?;
    }
    group.close().map_err(failed)?;
    writer.into_inner().map_err(failed)
}

fn write_column<'a>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    data_type: DataType,
    cells: impl Iterator<Item = &'a [u8]> + Clone,
) -> parquet::errors::Result<()> {
    let Some(mut column) = group.next_column()? else {
        return Ok(());
    };
    let levels: Vec<i16> = cells
        .clone()
        .map(|cell| i16::from(!cell.is_empty()))
        .collect();
    let full = cells.filter(|cell| !cell.is_empty());
    let levels = Some(&*levels);
    match data_type {
        DataType::Integer => {
            let values: Vec<i64> = full
                .map(|cell| match Cell::read(cell) {
                    Cell::Int(number) => number,
                    _ => 0,
                })
                .collect();
            column
                .typed::<Int64Type>()
                .write_batch(&values, levels, None)?;
        }
        DataType::Float => {
            let values: Vec<f64> = full
                .map(|cell| Cell::read(cell).number().unwrap_or(f64::NAN))
                .collect();
            column
                .typed::<DoubleType>()
                .write_batch(&values, levels, None)?;
        }
        DataType::Boolean => {
            let values: Vec<bool> = full
                .map(|cell| Cell::read(cell) == Cell::Bool(true))
                .collect();
            column
                .typed::<BoolType>()
                .write_batch(&values, levels, None)?;
        }
        DataType::Date => {
            let values: Vec<i32> = full.map(days).collect();
            column
                .typed::<Int32Type>()
                .write_batch(&values, levels, None)?;
        }
        _ => {
            let values: Vec<ByteArray> = full.map(|cell| ByteArray::from(cell.to_vec())).collect();
            column
                .typed::<ByteArrayType>()
                .write_batch(&values, levels, None)?;
        }
    }
    column.close()
}

fn days(cell: &[u8]) -> i32 {
    let date = std::str::from_utf8(cell)
        .ok()
        .and_then(|text| text.trim().parse::<Date>().ok());
    date.map_or(0, |date| (date - EPOCH).get_days())
}
