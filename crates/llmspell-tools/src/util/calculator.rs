//! `calculator`: evaluates arithmetic, and nothing else.

mod expression;
mod function;
mod machine;
mod quantity;
mod syntax;
mod token;

use std::collections::BTreeMap;
use std::time::Duration;

use llmspell_core::{Cx, Error, Kind, Map, Op, Outcome, Result, ToolInfo, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use self::expression::Expression;
use self::function::FUNCTIONS;
use self::quantity::{Mode, Quantity};
use self::syntax::Instruction;
use crate::choice::choose_or_first;
use crate::job::Job;
use crate::param::{Given, choices, missing, mistyped, names, refused, within};
use crate::worker;

const OPERATIONS: &[&[&str]] = &[
    &["evaluate", "calculate"],
    &["validate"],
    &["functions"],
    &["statistics"],
    &["add"],
    &["subtract"],
    &["multiply"],
    &["divide"],
    &["power"],
    &["modulo"],
];

const MODES: &[&[&str]] = &[&["float"], &["decimal"]];

const LIMIT: Duration = Duration::from_secs(5);

/// Most decimals of `formatted`.
const MAX_PRECISION: i64 = 50;

/// Most values that `statistics` takes.
const MAX_VALUES: usize = 1_000_000;

const PERCENTILES: [usize; 7] = [5, 25, 50, 75, 90, 95, 99];

const EXAMPLES: &[&str] = &[
    "2 + 3 * 4 - 1",
    "15% of 80",
    "sqrt(2) ^ 2 == 2 ? 1 : 0",
    "round(0.05, 1.23)",
    "log(2, 1024)",
    "root(27, 3)",
    "mean([1, 2, 3]) + x",
    "0xff // 0b11 % 1_000",
    "1.5k * 2M",
    "5! / comb(5, 2)",
];

/// The signs, by the list of `functions` that shows them.
const SIGNS: &[(&str, &[&str])] = &[
    (
        "arithmetic",
        &["+", "-", "*", "/", "%", "//", "^", "**", "!", "% of"],
    ),
    ("comparison", &["==", "!=", "<", "<=", ">", ">="]),
    ("logical", &["&&", "and", "||", "or", "!", "not", "?:"]),
];

pub(super) const JOBS: &[Job] = &[Job {
    name: "calculator.evaluate",
    run: evaluate_job,
}];

pub(super) fn op() -> Op {
    Op::new("calculator", calculator).tool(
        ToolInfo::new("utility")
            .example(
                "Evaluates an expression",
                r#"{"input": "15% of 80 + sqrt(16)"}"#,
            )
            .example(
                "Uses variables",
                r#"{"input": "price * (1 + tax)", "variables": {"price": 100, "tax": 0.2}}"#,
            )
            .timeout(LIMIT)
            .operations(&names(OPERATIONS))
            .needs(&["evaluate", "validate"], &["input"])
            .needs(&["statistics"], &["values"])
            .needs(
                &["add", "subtract", "multiply", "divide", "power", "modulo"],
                &["a"],
            )
            .needs(
                &["add", "subtract", "multiply", "divide", "power", "modulo"],
                &["b"],
            ),
    )
}

/// Evaluates arithmetic: operators, functions, variables, statistics.
///
/// Whole numbers stay whole where the result is exact: `2+3*4-1` is 13, `10/2` is 5, `7/2` is 3.5. `%` and `//` round
/// down. Angles are in radians.
#[derive(Deserialize, JsonSchema)]
struct Calculator {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "evaluate"))]
    operation: Option<String>,
    /// The expression: `sqrt(2) * x + 15% of 80`.
    #[schemars(extend("x-synonyms" = ["expression"]))]
    input: Option<String>,
    /// Values of the names in the expression: numbers, booleans, lists of numbers.
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    variables: Option<Map>,
    /// Decimals of the text `formatted`.
    #[schemars(range(min = 0, max = 50))]
    precision: Option<i64>,
    /// How to compute: with floats, or with exact decimals of 50 digits.
    #[schemars(transform = choices(MODES), extend("default" = "float"))]
    mode: Option<String>,
    /// The numbers for `statistics`, taken as a whole population.
    values: Option<Vec<Value>>,
    /// The left number for `add` to `modulo`.
    #[schemars(with = "Option<f64>")]
    a: Option<Value>,
    /// The right number for `add` to `modulo`.
    #[schemars(with = "Option<f64>")]
    b: Option<Value>,
}

async fn calculator(cx: Cx, call: Given<Calculator>) -> Result<Outcome> {
    let a = &call.args;
    let operation = choose_or_first("operation", a.operation.as_deref(), OPERATIONS)?;
    let (used, outcome) = match operation {
        "evaluate" => ("input variables precision mode", evaluate(&cx, a).await?),
        "validate" => ("input", validate(a)?),
        "functions" => ("", functions()),
        "statistics" => ("values precision mode", statistics(a)?),
        _ => ("a b precision mode", arithmetic(operation, a)?),
    };
    Ok(call.warn(op, used, outcome))
}

fn mode(a: &Calculator) -> Result<Mode> {
    Ok(match choose_or_first("mode", a.mode.as_deref(), MODES)? {
        "decimal" => Mode::Decimal,
        _ => Mode::Float,
    })
}

fn decimals(a: &Calculator) -> Result<Option<u32>> {
    let Some(precision) = a.precision else {
        return Ok(None);
    };
    Ok(u32::try_from(within("precision", precision, 0..=MAX_PRECISION)?).ok())
}

async fn evaluate(cx: &Cx, a: &Calculator) -> Result<Outcome> {
    let input = a
        .input
        .as_deref()
        .ok_or_else(|| missing("calculator", "evaluate", "input"))?;
    let mode = mode(a)?;
    decimals(a)?;
    let variables = a.variables.clone().unwrap_or_default();
    for (name, value) in &variables {
        Quantity::from_value(name, value, mode)?;
    }
    let small = is_small(input, &variables, mode);
    let request = Map::from([
        ("input", Value::from(input)),
        ("variables", variables.into()),
        ("precision", a.precision.into()),
        ("mode", a.mode.clone().into()),
    ]);
    let report = match small {
        true => evaluate_job(request.into())?,
        false => worker::run(cx, "calculator.evaluate", request.into(), LIMIT).await?,
    };
    Ok(outcome("evaluate", report.into_typed()?))
}

/// Returns whether an expression can be evaluated right here: with floats each of its few steps takes some microseconds
/// at most, and nothing recurses but the nesting of the text. Decimals grow, and lists are copied.
fn is_small(input: &str, variables: &Map, mode: Mode) -> bool {
    const BYTES: usize = 256;
    let scalars = |value: &Value| matches!(value, Value::Int(_) | Value::Float(_) | Value::Bool(_));
    mode == Mode::Float && input.len() <= BYTES && variables.values().all(scalars)
}

fn evaluate_job(request: Value) -> Result<Value> {
    let a: Calculator = request.into_typed()?;
    let (mode, decimals) = (mode(&a)?, decimals(&a)?);
    let (input, variables) = (a.input.unwrap_or_default(), a.variables.unwrap_or_default());
    let program = syntax::compile(&input, mode)?;
    let result = machine::run(&program, &input, &variables, mode)?;
    Value::from_serialize(&Report::new(input, &result, variables, (mode, decimals)))
}

/// What an evaluation gives.
#[derive(Serialize, Deserialize)]
struct Report {
    data: Map,
    exact: bool,
}

impl Report {
    fn new(
        input: String,
        result: &Quantity,
        variables: Map,
        (mode, decimals): (Mode, Option<u32>),
    ) -> Self {
        let data = Map::from([
            ("input", input.into()),
            ("result", result.to_value()),
            ("result_type", result.type_name().into()),
            ("variables", variables.into()),
            ("formatted", result.format(decimals).into()),
        ]);
        Self {
            data,
            exact: result.is_exact(mode),
        }
    }
}

fn outcome(operation: &str, Report { data, exact }: Report) -> Outcome {
    let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
    let message = format!("{:.200} = {:.200}", text("input"), text("formatted"));
    let output = data.get("result").cloned().unwrap_or_default();
    let outcome = Outcome::new(operation, data)
        .output(output)
        .message(message);
    match exact {
        true => outcome,
        false => outcome.warning(
            "a function without exact decimals is in it: the result has the 16 digits of a float",
        ),
    }
}

/// An operation on two numbers.
type Binary = fn(Mode, &Quantity, &Quantity) -> Result<Quantity>;

fn arithmetic(operation: &str, a: &Calculator) -> Result<Outcome> {
    let mode = mode(a)?;
    let operand = |name: &'static str, value: &Option<Value>| {
        let value = value
            .as_ref()
            .ok_or_else(|| missing("calculator", operation, name))?;
        Quantity::from_value(name, value, mode)
    };
    let (left, right) = (operand("a", &a.a)?, operand("b", &a.b)?);
    let (sign, compute): (&str, Binary) = match operation {
        "add" => ("+", Mode::add),
        "subtract" => ("-", Mode::subtract),
        "multiply" => ("*", Mode::multiply),
        "divide" => ("/", Mode::divide),
        "power" => ("^", Mode::power),
        _ => ("%", Mode::modulo),
    };
    let result = compute(mode, &left, &right)?;
    let input = format!("{} {sign} {}", left.format(None), right.format(None));
    Ok(outcome(
        operation,
        Report::new(input, &result, Map::new(), (mode, decimals(a)?)),
    ))
}

fn validate(a: &Calculator) -> Result<Outcome> {
    let input = a
        .input
        .as_deref()
        .ok_or_else(|| missing("calculator", "validate", "input"))?;
    let (mut variables, mut called) = (Vec::new(), Vec::new());
    let note = |list: &mut Vec<Value>, name: &str| {
        if !list.iter().any(|known| known.as_str() == Some(name)) {
            list.push(name.into());
        }
    };
    let compiled = syntax::compile(input, Mode::Float);
    for (instruction, _) in compiled.iter().flat_map(|program| &program.code) {
        match instruction {
            Instruction::Load(name) if function::constant_named(name, Mode::Float).is_none() => {
                note(&mut variables, name)
            }
            Instruction::Call(function, _) => note(&mut called, function.name),
            _ => {}
        }
    }
    let failure = compiled.err();
    let valid = failure.is_none();
    let detail = |name: &str| {
        failure
            .as_ref()
            .and_then(|error| error.details().get(name))
            .cloned()
            .unwrap_or_default()
    };
    let data = Map::from([
        ("input", Value::from(input)),
        ("valid", valid.into()),
        (
            "error",
            failure
                .as_ref()
                .map(|error| error.message().to_owned())
                .into(),
        ),
        ("position", detail("position")),
        ("variables", Value::List(variables)),
        ("functions", Value::List(called)),
    ]);
    let message = if valid {
        "The expression is valid"
    } else {
        "The expression is not valid"
    };
    Ok(Outcome::new("validate", data)
        .output(valid)
        .message(message))
}

fn functions() -> Outcome {
    let mut data: Map = SIGNS
        .iter()
        .map(|(group, signs)| ((*group).to_owned(), Value::from(signs.to_vec())))
        .collect();
    for function in FUNCTIONS {
        let group = data
            .entry(function.group.to_owned())
            .or_insert_with(|| Value::List(Vec::new()));
        if let Value::List(list) = group {
            list.push(function.name.into());
        }
    }
    data.insert("examples", Value::from(EXAMPLES.to_vec()));
    Outcome::new("functions", data).message(format!("{} functions and constants", FUNCTIONS.len()))
}

fn statistics(a: &Calculator) -> Result<Outcome> {
    let values = a
        .values
        .as_ref()
        .ok_or_else(|| missing("calculator", "statistics", "values"))?;
    if values.is_empty() {
        return Err(refused(
            "values",
            "parameter 'values' must have at least one number",
        ));
    }
    if values.len() > MAX_VALUES {
        let message = format!(
            "parameter 'values' has {} items, more than the limit of {MAX_VALUES}",
            values.len()
        );
        return Err(Error::new(Kind::Limit, message).with("limit", MAX_VALUES));
    }
    let mode = mode(a)?;
    let decimals = decimals(a)?;
    let read = |(index, value): (usize, &Value)| match numeric(value) {
        Some(number) => Quantity::from_value("values", &number, mode),
        None => {
            let other = value;
            let got = other.type_name();
            let message = format!("values[{index}] must be a number, got {got}");
            Err(mistyped("values", message, "number", other))
        }
    };
    let items = values
        .iter()
        .enumerate()
        .map(read)
        .collect::<Result<Vec<_>>>()?;
    let sorted = function::sorted(&items)?;
    let variance = function::variance(mode, &items)?;
    let mean = function::mean(mode, &items)?;
    let percentiles = PERCENTILES
        .iter()
        .map(|&percent| {
            Ok((
                format!("p{percent}"),
                function::percentile(mode, &sorted, percent)?.to_value(),
            ))
        })
        .collect::<Result<Map>>()?;
    let data = Map::from([
        ("count", Value::from(items.len())),
        ("sum", function::sum(mode, &items)?.to_value()),
        ("mean", mean.to_value()),
        (
            "median",
            function::percentile(mode, &sorted, 50)?.to_value(),
        ),
        (
            "mode",
            most_frequent(&sorted)
                .map(|number| number.to_value())
                .into(),
        ),
        ("min", sorted[0].to_value()),
        ("max", sorted[sorted.len() - 1].to_value()),
        ("variance", variance.to_value()),
        ("std_dev", mode.root(&variance)?.to_value()),
        ("percentiles", percentiles.into()),
    ]);
    let message = format!(
        "mean of {} values is {}",
        items.len(),
        mean.format(decimals)
    );
    Ok(Outcome::new("statistics", data)
        .output(mean.to_value())
        .message(message))
}

/// Returns a number, also one that is written as text.
fn numeric(value: &Value) -> Option<Value> {
    match value {
        Value::Int(_) | Value::Float(_) => Some(value.clone()),
        Value::Str(text) => {
            let text = text.trim();
            let whole = text.parse::<i64>().ok().map(Value::Int);
            let float = || text.parse::<f64>().ok().filter(|number| number.is_finite());
            whole.or_else(|| float().map(Value::Float))
        }
        _ => None,
    }
}

/// Returns the most frequent of sorted numbers, the smallest of several; none if each occurs once.
fn most_frequent(sorted: &[Quantity]) -> Option<&Quantity> {
    let runs = sorted.chunk_by(|left, right| left == right);
    let longest = runs.reduce(|best, run| if run.len() > best.len() { run } else { best })?;
    (longest.len() > 1 || sorted.len() == 1).then(|| &longest[0])
}

#[cfg(test)]
mod tests;
