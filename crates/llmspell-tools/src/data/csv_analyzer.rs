//! `csv_analyzer`: inspects, filters, reshapes and converts tables.

mod aggregate;
mod cell;
mod column;
mod dialect;
mod filter;
mod join;
mod output;
mod reshape;
mod rule;
mod sheet;
mod table;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use csv::ByteRecord;
use encoding_rs::UTF_8;
use llmspell_core::{Cx, Effect, Error, Files, Kind, Map, Op, Outcome, Result, ToolInfo, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::aggregate::Grouping;
use self::column::Column;
use self::dialect::{Asked, delimiter_named, encoding_named, headers_named, one_letter};
use self::filter::Filter;
use self::join::{Join, WAYS};
pub(crate) use self::output::typed_rows;
use self::output::{FORMATS, Format, Writing};
use self::reshape::{Emit, Rows, Transform};
use self::rule::Rule;
use self::table::{Opening, Source, Table};
use crate::aside::stoppable;
use crate::choice::{choose, choose_or_first};
use crate::job::Job;
use crate::param::{Given, choices, missing, names, refused, within};
use crate::worker;

const TOOL: &str = "csv_analyzer";

const OPERATIONS: &[&[&str]] = &[
    &["analyze", "stats", "info"],
    &["parse", "read", "to_json"],
    &["convert", "export", "write"],
    &["filter", "query", "where"],
    &["transform"],
    &["sample"],
    &["head"],
    &["tail"],
    &["sort"],
    &["select"],
    &["dedupe"],
    &["aggregate", "group_by"],
    &["join"],
    &["validate"],
];

const LIMIT: Duration = Duration::from_secs(60);

/// Rows of `head` and `tail`, unless asked otherwise.
const SIZE: i64 = 10;

/// Most violations that `validate` lists.
const MAX_ERRORS: usize = 1_000;

pub(super) const JOBS: &[Job] = &[Job {
    name: "csv_analyzer.sheet",
    run: sheet::to_csv,
}];

pub(super) fn op() -> Op {
    Op::new(TOOL, csv_analyzer)
        .tool(
            ToolInfo::new("data")
                .settings::<Config>()
                .example(
                    "Describes the columns",
                    r#"{"operation": "analyze", "path": "people.csv"}"#,
                )
                .example(
                    "Filters rows",
                    r#"{"operation": "filter", "path": "people.csv", "filter": "age > 40"}"#,
                )
                .timeout(LIMIT)
                .operations(&names(OPERATIONS))
                .needs(&names(OPERATIONS), &["input", "path", "options.input"])
                .needs(&["filter"], &["filter", "options.filter"])
                .needs(&["select"], &["columns", "options.columns"])
                .needs(&["sort"], &["sort_by", "options.sort_by"])
                .needs(&["join"], &["with", "options.with"])
                .needs(&["join"], &["on", "options.on"])
                .needs(&["validate"], &["rules", "options.rules"]),
        )
        .effect_of(effect)
}

fn effect(args: &Value) -> Effect {
    let given = |name: &str| {
        let inside = args.get("options").and_then(|options| options.get(name));
        args.get(name)
            .or(inside)
            .is_some_and(|value| !value.is_null())
    };
    let other = args
        .get("with")
        .and_then(Value::as_str)
        .is_some_and(is_path);
    match () {
        () if given("target_path") || given("output_path") => Effect::Idempotent,
        () if given("path") || other => Effect::Read,
        () => Effect::Pure,
    }
}

/// Inspects, filters, reshapes and converts tables: separated values, spreadsheets, Parquet.
///
/// Delimiter, header and encoding are detected. A filter is written `age > 30 and (city == "New York" or name ~ "^A")`,
/// with `== != > < >= <= ~ !~ in contains`; names of columns with blanks stand in backticks.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
struct CsvAnalyzer {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "analyze"))]
    operation: Option<String>,
    /// The table as text.
    #[schemars(extend("x-synonyms" = ["csv_data", "data", "csv"]))]
    input: Option<String>,
    /// The file with the table: separated values, `.xlsx`, `.xls`, `.ods`, `.parquet`.
    #[schemars(extend("x-synonyms" = ["file_path", "source_path"]))]
    path: Option<String>,
    /// Where to write the result instead of returning it; the extension names the format unless `format` does.
    #[schemars(extend("x-synonyms" = ["output_path"]))]
    target_path: Option<String>,
    /// The letter between cells; detected among `, ; tab |`.
    delimiter: Option<String>,
    /// The letter around cells that contain the delimiter.
    #[schemars(extend("default" = "\""))]
    quote: Option<String>,
    /// Whether the first row names the columns.
    #[schemars(extend("type" = ["boolean", "string"], "default" = "auto", "x-synonyms" = ["headers"]))]
    has_headers: Option<Value>,
    /// The encoding of the table; detected.
    encoding: Option<String>,
    /// Texts that stand for an empty cell, beside the empty text.
    null_values: Option<Vec<String>>,
    /// The sheet of a spreadsheet, by name or number from 1.
    #[schemars(extend("type" = ["string", "integer"], "default" = 1))]
    sheet: Option<Value>,
    /// Which rows to take, for every operation but `analyze` and `validate`.
    filter: Option<String>,
    /// What the result is written as.
    #[schemars(transform = choices(FORMATS))]
    format: Option<String>,
    /// The same as `format`: `rows` gives a list of objects.
    #[serde(rename = "as")]
    #[schemars(extend("enum" = ["rows", "csv"]))]
    form: Option<String>,
    /// Rows of `sample`, `head` and `tail`.
    #[schemars(range(min = 0), extend("x-synonyms" = ["limit", "n"]))]
    size: Option<i64>,
    /// The columns of the result and their order; for `dedupe`, those that are compared.
    columns: Option<Vec<String>>,
    /// The columns to sort by; `-name` sorts that one downwards.
    sort_by: Option<Vec<String>>,
    /// Whether to sort downwards, for all columns or for each.
    #[schemars(extend("type" = ["boolean", "array"], "items" = {"type": "boolean"}, "default" = false))]
    descending: Option<Value>,
    /// The columns whose equal cells make a group.
    group_by: Option<Vec<String>>,
    /// What to compute of each group, `{total = "sum(price)"}`: count sum mean min max median std_dev first last unique
    /// list. By default rows are counted.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    aggregations: Option<Map>,
    /// The other table of `join`: its text, or if that has no line break the path of its file.
    with: Option<String>,
    /// The columns that `join` compares: a name, a list, or an object from names to names.
    #[schemars(extend("type" = ["string", "array", "object"]))]
    on: Option<Value>,
    /// Which rows `join` keeps.
    #[schemars(transform = choices(WAYS), extend("default" = "inner"))]
    how: Option<String>,
    /// New names of columns: `{old = "new"}`.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    rename_columns: Option<Map>,
    /// Computed columns, `{total = "price * count"}`, in the grammar of `calculator`.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    add_columns: Option<Map>,
    /// Columns that `transform` leaves out.
    drop_columns: Option<Vec<String>>,
    /// Rules of columns, each one or a list: `email`, `integer`, `range:1-5`, `required`, `unique`, `regex:^A`,
    /// `enum:a,b`.
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    rules: Option<Map>,
    /// Any of the other parameters.
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    options: Option<Map>,
}

/// `[tools.csv_analyzer]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default)]
struct Config {
    /// Largest table, in bytes.
    max_input_bytes: u64,
    /// Most numbers of a column whose percentiles are exact.
    max_rows: usize,
    /// Rows of `sample`, unless asked otherwise.
    sample_rows: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_input_bytes: 500 << 20,
            max_rows: 1_000_000,
            sample_rows: 1_000,
        }
    }
}

async fn csv_analyzer(cx: Cx, mut call: Given<CsvAnalyzer>) -> Result<Outcome> {
    if let Some(options) = call.args.options.take() {
        call.args = overlaid(&call.args, options)?;
    }
    let operation = choose_or_first("operation", call.args.operation.as_deref(), OPERATIONS)?;
    let config: Config = cx.settings(TOOL)?;
    let a = &mut call.args;
    let mut asked = asked(a)?;
    let source = match (a.input.take(), a.path.clone()) {
        (Some(_), Some(_)) => {
            return Err(refused(
                "path",
                "parameters 'input' and 'path' exclude each other",
            ));
        }
        (None, None) => return Err(missing(TOOL, operation, "input")),
        (Some(text), None) => Source::Text(text.into_bytes()),
        (None, Some(path)) => match sheet_kind(&path) {
            None => Source::File(path),
            Some(kind) => {
                asked.delimiter = Some(b',');
                asked.encoding = Some(UTF_8);
                Source::Text(sheet_text(&cx, a, path, kind, &config).await?)
            }
        },
    };
    let file = matches!(source, Source::File(_));
    let with_files = file || a.target_path.is_some() || a.with.as_deref().is_some_and(is_path);
    let size = match &source {
        Source::Text(text) => text.len(),
        Source::File(_) => usize::MAX,
    };
    let work = move |files: Option<&dyn Files>, cx: &Cx| {
        let run = Run {
            a: &call.args,
            operation,
            asked: &asked,
            files,
            config: &config,
            cx,
        };
        let outcome = run.run(source)?;
        Ok(call.warn(op, &used(operation), outcome))
    };
    match with_files {
        true => cx.files(move |files, cx| work(Some(files), cx)).await,
        false => stoppable(&cx, size, move |cx| work(None, cx)).await,
    }
}

/// Lays what was given over what the options say.
fn overlaid(a: &CsvAnalyzer, options: Map) -> Result<CsvAnalyzer> {
    let op = op();
    let (options, _) = op.prepare(Value::Map(options))?;
    let mut all = options.as_map().cloned().unwrap_or_default();
    if all.get("options").is_some_and(|inner| !inner.is_null()) {
        return Err(refused(
            "options",
            "options within options are not possible",
        ));
    }
    let given = Value::from_serialize(a)?;
    for (name, value) in given.as_map().into_iter().flatten() {
        if !value.is_null() {
            all.insert(name.clone(), value.clone());
        }
    }
    Value::Map(all).into_typed()
}

fn used(operation: &str) -> String {
    const ALL: &str = "input path delimiter quote has_headers encoding null_values sheet options";
    let own = match operation {
        "analyze" => "",
        "validate" => "rules",
        "transform" => {
            "filter columns format as target_path rename_columns add_columns drop_columns"
        }
        "sample" | "head" | "tail" => "filter columns format as target_path size",
        "sort" => "filter columns format as target_path sort_by descending",
        "aggregate" => "filter format as target_path group_by aggregations",
        "join" => "filter columns format as target_path with on how",
        _ => "filter columns format as target_path",
    };
    format!("{ALL} {own}")
}

fn asked(a: &CsvAnalyzer) -> Result<Asked> {
    Ok(Asked {
        delimiter: a.delimiter.as_deref().map(delimiter_named).transpose()?,
        quote: a
            .quote
            .as_deref()
            .map(|given| one_letter("quote", given))
            .transpose()?,
        has_headers: a
            .has_headers
            .as_ref()
            .map(headers_named)
            .transpose()?
            .flatten(),
        encoding: match a.encoding.as_deref() {
            None | Some("auto") => None,
            Some(label) => Some(encoding_named(label)?),
        },
    })
}

/// Returns whether the parameter `with` names a file.
fn is_path(with: &str) -> bool {
    !with.contains(['\n', '\r'])
}

/// Returns which kind of container a file is, unless it is text.
fn sheet_kind(path: &str) -> Option<&'static str> {
    let extension = Path::new(path).extension()?.to_str()?.to_ascii_lowercase();
    match extension.as_str() {
        "xlsx" | "xlsm" | "xlsb" | "xls" | "ods" => Some("workbook"),
        "parquet" | "pq" => Some("parquet"),
        _ => None,
    }
}

/// Reads a container in a worker, since it may claim to hold any amount.
async fn sheet_text(
    cx: &Cx,
    a: &CsvAnalyzer,
    path: String,
    kind: &'static str,
    config: &Config,
) -> Result<Vec<u8>> {
    let most = config.max_input_bytes;
    let bytes = cx
        .files(move |files, _| files.read(Path::new(&path), Some(most)))
        .await?;
    let sheet = match &a.sheet {
        Some(Value::Int(number)) => Value::from(number.to_string()),
        Some(other) => other.clone(),
        None => Value::Null,
    };
    let request = Map::from([
        ("bytes", Value::Bytes(bytes)),
        ("kind", kind.into()),
        ("sheet", sheet),
    ]);
    let answer = worker::run(cx, "csv_analyzer.sheet", request.into(), LIMIT).await?;
    match answer.get("text") {
        Some(Value::Bytes(text)) => Ok(text.clone()),
        _ => Err(Error::new(Kind::Bug, "a sheet was read to nothing")),
    }
}

/// One call, on a thread that may wait.
struct Run<'a> {
    a: &'a CsvAnalyzer,
    operation: &'static str,
    asked: &'a Asked,
    files: Option<&'a dyn Files>,
    config: &'a Config,
    cx: &'a Cx,
}

impl Run<'_> {
    fn run(&self, source: Source) -> Result<Outcome> {
        let nulls = self.a.null_values.as_deref().unwrap_or_default();
        let opening = Opening {
            asked: self.asked,
            nulls,
            max_bytes: self.config.max_input_bytes,
        };
        let mut table = Table::open(source, self.files, &opening, self.cx)?;
        let outcome = match self.operation {
            "analyze" => self.analyze(&mut table)?,
            "validate" => self.validate(&mut table)?,
            _ => self.reshape(&mut table)?,
        };
        let (_, odd) = table.oddities();
        Ok(match odd {
            0 => outcome,
            1 => outcome.warning("1 row has another number of fields than the header"),
            count => outcome.warning(format!(
                "{count} rows have another number of fields than the header"
            )),
        })
    }

    fn needs(&self, parameter: &'static str) -> Error {
        missing(TOOL, self.operation, parameter)
    }

    fn analyze(&self, table: &mut Table) -> Result<Outcome> {
        let exact = self.config.max_rows;
        let mut columns: Vec<Column> = table.header.iter().map(|_| Column::new(exact)).collect();
        let mut row = ByteRecord::new();
        while table.next(&mut row)? {
            for (column, cell) in columns.iter_mut().zip(&row) {
                column.add(cell);
            }
        }
        let (count, width) = (table.rows(), table.header.len());
        let reports = table.header.iter().zip(columns);
        let reports: Value = reports.map(|(name, column)| column.report(name)).collect();
        let (errors, _) = table.oddities();
        let data = Map::from([
            ("row_count", Value::from(count)),
            ("column_count", width.into()),
            ("columns", reports),
            (
                "encoding",
                table.dialect.encoding.name().to_lowercase().into(),
            ),
            (
                "delimiter",
                char::from(table.dialect.delimiter).to_string().into(),
            ),
            ("has_headers", table.dialect.has_headers.into()),
            ("file_size_bytes", table.size.into()),
            ("rows", count.into()),
            ("parse_errors", Value::List(errors)),
        ]);
        Ok(Outcome::new("analyze", data)
            .message(format!("{count} rows of {width} columns"))
            .metadata("percentiles_exact", count <= exact as u64))
    }

    fn validate(&self, table: &mut Table) -> Result<Outcome> {
        let rules = self.a.rules.as_ref().ok_or_else(|| self.needs("rules"))?;
        let mut checks = Vec::new();
        for (name, rules) in rules {
            let place = table.column("rules", name)?;
            checks.extend(
                Rule::read(name, rules)?
                    .into_iter()
                    .map(|rule| (place, rule)),
            );
        }
        let (mut row, mut errors, mut count) = (ByteRecord::new(), Vec::new(), 0_u64);
        while table.next(&mut row)? {
            for (place, rule) in &mut checks {
                let Some(wrong) = rule.violation(&row[*place]) else {
                    continue;
                };
                count += 1;
                if errors.len() < MAX_ERRORS {
                    let shown: String = String::from_utf8_lossy(&row[*place])
                        .chars()
                        .take(100)
                        .collect();
                    errors.push(Value::from([
                        ("row", Value::from(table.rows())),
                        ("column", table.header[*place].as_str().into()),
                        ("value", shown.into()),
                        ("rule", rule.text.as_str().into()),
                        ("error", wrong.into()),
                    ]));
                }
            }
        }
        let total = table.rows();
        let data = Map::from([
            ("valid", Value::from(count == 0)),
            ("errors", Value::List(errors)),
            ("total_rows", total.into()),
            ("error_count", count.into()),
        ]);
        Ok(Outcome::new("validate", data)
            .output(count == 0)
            .message(format!("{count} errors in {total} rows")))
    }

    /// Does what gives another table.
    fn reshape(&self, table: &mut Table) -> Result<Outcome> {
        let (a, operation) = (self.a, self.operation);
        if operation == "filter" && a.filter.is_none() {
            return Err(self.needs("filter"));
        }
        let filter = a
            .filter
            .as_deref()
            .map(|text| Filter::parse(text, &table.header))
            .transpose()?;
        let plan = self.plan(table)?;
        let header = match &plan {
            Plan::Group(grouping) => &grouping.header,
            Plan::Join(join) => &join.header,
            Plan::Transform(transform) => &transform.header,
            _ => &table.header,
        };
        let chosen = match operation {
            "select" if a.columns.is_none() => return Err(self.needs("columns")),
            "dedupe" | "aggregate" => None,
            _ => a.columns.as_deref(),
        };
        let places = chosen
            .map(|names| {
                names
                    .iter()
                    .map(|name| table::column(header, "columns", name))
                    .collect::<Result<Vec<_>>>()
            })
            .transpose()?;
        let names = match &places {
            Some(places) => places.iter().map(|&place| header[place].clone()).collect(),
            None => header.clone(),
        };
        let format = self.format()?;
        let delimiter = match operation {
            "convert" => b',',
            _ => table.dialect.delimiter,
        };
        let target = match (&a.target_path, self.files) {
            (Some(path), Some(files)) => Some((path.as_str(), files)),
            _ => None,
        };
        let mut writing = Writing::new(
            format,
            names,
            delimiter,
            target,
            self.config.max_input_bytes,
        )?;
        let mut rows = Rows { table, filter };
        let mut projected = ByteRecord::new();
        self.carry_out(&plan, &mut rows, &mut |row| match &places {
            None => writing.push(row),
            Some(places) => {
                projected.clear();
                places
                    .iter()
                    .for_each(|&place| projected.push_field(&row[place]));
                writing.push(&projected)
            }
        })?;
        let read = table.rows();
        let written = writing.finish()?;
        let message = match &written.path {
            Some(path) => format!("Wrote {} of {read} rows to {path}", written.rows),
            None => format!("{} of {read} rows", written.rows),
        };
        Ok(Outcome::new(operation, written.data)
            .message(message)
            .metadata("format", format.name())
            .metadata("rows_read", read)
            .metadata("row_count", written.rows))
    }

    fn format(&self) -> Result<Format> {
        let a = self.a;
        let named = a.format.as_deref().or(a.form.as_deref());
        if let Some(named) = named {
            return Ok(Format::named(choose("format", named, FORMATS)?));
        }
        let by_path = a.target_path.as_deref().and_then(Format::of_path);
        Ok(by_path.unwrap_or(match self.operation {
            "parse" | "convert" | "aggregate" => Format::Json,
            _ => Format::Csv,
        }))
    }

    /// Prepares what an operation needs besides the rows.
    fn plan(&self, table: &Table) -> Result<Plan> {
        let (a, header) = (self.a, &table.header);
        Ok(match self.operation {
            "aggregate" => Plan::Group(Grouping::new(
                header,
                a.group_by.as_deref().unwrap_or_default(),
                a.aggregations.as_ref(),
            )?),
            "transform" => Plan::Transform(Transform::new(
                header,
                a.add_columns.as_ref(),
                a.drop_columns.as_deref().unwrap_or_default(),
                a.rename_columns.as_ref(),
            )?),
            "join" => {
                let text = a.with.as_deref().ok_or_else(|| self.needs("with"))?;
                let on = a.on.as_ref().ok_or_else(|| self.needs("on"))?;
                let source = match is_path(text) {
                    true => Source::File(text.to_owned()),
                    false => Source::Text(text.as_bytes().to_vec()),
                };
                let opening = Opening {
                    asked: &Asked::default(),
                    nulls: a.null_values.as_deref().unwrap_or_default(),
                    max_bytes: self.config.max_input_bytes,
                };
                let mut other = Table::open(source, self.files, &opening, self.cx)?;
                let way = choose_or_first("how", a.how.as_deref(), WAYS)?;
                Plan::Join(Join::new(header, &mut other, on, way)?)
            }
            "sort" => Plan::Sort(self.order(table)?),
            "dedupe" => Plan::Dedupe(match a.columns.as_deref() {
                Some(names) => table.columns("columns", names)?,
                None => (0..header.len()).collect(),
            }),
            "head" | "tail" | "sample" => {
                let usual = match self.operation {
                    "sample" => i64::try_from(self.config.sample_rows).unwrap_or(i64::MAX),
                    _ => SIZE,
                };
                Plan::Some(within("size", a.size.unwrap_or(usual), 0..=100_000_000)?)
            }
            _ => Plan::All,
        })
    }

    /// Returns the columns to sort by, each with whether downwards.
    fn order(&self, table: &Table) -> Result<Vec<(usize, bool)>> {
        let by = self
            .a
            .sort_by
            .as_deref()
            .ok_or_else(|| self.needs("sort_by"))?;
        let down = |index: usize| match &self.a.descending {
            Some(Value::List(each)) => each.get(index).and_then(Value::as_bool).unwrap_or(false),
            Some(value) => value.as_bool().unwrap_or(false),
            None => false,
        };
        let part = |(index, name): (usize, &String)| {
            let signed = name
                .strip_prefix('-')
                .filter(|_| !table.header.contains(name));
            match signed {
                Some(name) => Ok((table.column("sort_by", name)?, !down(index))),
                None => Ok((table.column("sort_by", name)?, down(index))),
            }
        };
        by.iter().enumerate().map(part).collect()
    }

    fn carry_out(&self, plan: &Plan, rows: &mut Rows<'_>, emit: Emit<'_>) -> Result<()> {
        match plan {
            Plan::All => rows.all(emit),
            Plan::Some(size) => match self.operation {
                "head" => rows.head(*size, emit),
                "tail" => rows.tail(*size, emit),
                _ => rows.sample(*size, emit),
            },
            Plan::Sort(by) => rows.sort(by, self.cx, emit),
            Plan::Dedupe(by) => rows.dedupe(by, emit),
            Plan::Group(grouping) => grouping.run(rows, emit),
            Plan::Join(join) => join.run(rows, emit),
            Plan::Transform(transform) => {
                let mut row = ByteRecord::new();
                while rows.next(&mut row)? {
                    emit(&transform.apply(&row, rows.table.rows())?)?;
                }
                Ok(())
            }
        }
    }
}

/// What is done with the rows.
enum Plan {
    All,
    /// So many of them.
    Some(usize),
    Sort(Vec<(usize, bool)>),
    Dedupe(Vec<usize>),
    Group(Grouping),
    Join(Join),
    Transform(Transform),
}

#[cfg(test)]
mod tests;
