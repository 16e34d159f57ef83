//! `data_validation`: checks data against rules or a JSON Schema.

mod check;
pub(crate) mod format;
mod rule;

use std::collections::BTreeMap;
use std::time::Duration;

use llmspell_core::{Callback, Cx, Error, Kind, Map, Op, Outcome, Result, ToolInfo, Value, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::check::{Checker, Fault, Options, convert};
use self::rule::FUNCTION;
use crate::job::Job;
use crate::param::{Given, missing, within};
use crate::plain::plain;
use crate::schema::{self, violations};
use crate::worker;

const LIMIT: Duration = Duration::from_secs(10);

/// Most errors that can be asked for.
const MAX_ERRORS: i64 = 10_000;

/// Most calls of functions of the script.
const MAX_CALLS: usize = 10_000;

pub(super) const JOBS: &[Job] = &[Job {
    name: "data_validation.run",
    run: run_job,
}];

pub(super) fn op() -> Op {
    Op::new("data_validation", data_validation).tool(
        ToolInfo::new("utility")
            .timeout(LIMIT)
            .operation_of(|_| Some("validate"))
            .needs(&["validate"], &["rules", "schema"])
            .example(
                "Checks an object against rules",
                r#"{"input": {"email": "ada@example.com", "age": 36}, "rules": {"email": ["required", "email"], "age": "range:0-150"}}"#,
            ),
    )
}

/// Checks data against rules or a JSON Schema and lists what is wrong.
///
/// Rules: `{email = {"required", "email"}, age = "range:0-150"}` for the members of an object, or a list of rules for
/// the value itself. Data that is not valid is a success with `valid = false`.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
struct DataValidation {
    /// The data.
    #[schemars(required, extend("x-synonyms" = ["data", "value"]))]
    input: Option<Value>,
    /// Rules: a name (`"email"`, `"range:1-5"`), an object `{type = "length", min = 3}`, a list of these, or an object
    /// of them by field.
    rules: Option<Value>,
    /// JSON Schema, as an object or as JSON text; the forms of `rules` as well.
    schema: Option<Value>,
    /// Whether texts are converted to the numbers, booleans and dates that the rules want.
    #[schemars(extend("default" = false))]
    coerce: Option<bool>,
    /// Whether to stop at the first error.
    #[schemars(extend("default" = false))]
    fail_fast: Option<bool>,
    /// Most errors to list.
    #[schemars(range(min = 1, max = 10_000), extend("default" = 100))]
    max_errors: Option<i64>,
    /// Own messages, by field or by rule.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    messages: Option<Map>,
    /// What functions of the script answered, filled in by the tool itself.
    #[schemars(skip)]
    answers: Option<Map>,
}

async fn data_validation(cx: Cx, mut call: Given<DataValidation>) -> Result<Outcome> {
    let mut a = std::mem::take(&mut call.args);
    let needed = a
        .input
        .as_ref()
        .ok_or_else(|| missing("data_validation", "validate", "input"))?;
    plain("input", needed)?;
    if a.rules.is_some() == a.schema.is_some() {
        return Err(match a.rules {
            None => {
                missing("data_validation", "validate", "rules").hint("give 'rules' or 'schema'")
            }
            Some(_) => Error::new(
                Kind::InvalidArgs,
                "give either 'rules' or 'schema', not both",
            ),
        });
    }
    within("max_errors", a.max_errors.unwrap_or(100), 1..=MAX_ERRORS)?;
    let mut functions = Vec::new();
    for rules in [&mut a.rules, &mut a.schema].into_iter().flatten() {
        schema::shallow("rules", rules)?;
        number_functions(rules, &mut functions);
    }
    let mut answers = Map::new();
    loop {
        a.answers = Some(answers.clone());
        let answer = worker::run(
            &cx,
            "data_validation.run",
            Value::from_serialize(&a)?,
            LIMIT,
        )
        .await?;
        let questions = answer
            .get("questions")
            .and_then(Value::as_list)
            .unwrap_or_default();
        if questions.is_empty() {
            return Ok(outcome(answer));
        }
        if answers.len() + questions.len() > MAX_CALLS {
            return Err(error!(
                Limit,
                "the rules call functions more than {MAX_CALLS} times"
            )
            .with("limit", MAX_CALLS));
        }
        for question in questions {
            let (key, said) = ask(&cx, question, &functions).await?;
            answers.insert(key, said);
        }
    }
}

/// Takes functions out of the rules and leaves their numbers.
fn number_functions(rules: &mut Value, functions: &mut Vec<Callback>) {
    match rules {
        Value::Function(function) => {
            let number = functions.len();
            functions.push(function.clone());
            *rules = Value::Map(Map::from_iter([(FUNCTION.to_owned(), number.into())]));
        }
        Value::List(items) => items
            .iter_mut()
            .for_each(|item| number_functions(item, functions)),
        Value::Map(members) => members
            .values_mut()
            .for_each(|member| number_functions(member, functions)),
        _ => {}
    }
}

/// Calls a function with value and field; true is right, a text is the message of what is wrong.
async fn ask(cx: &Cx, question: &Value, functions: &[Callback]) -> Result<(String, Value)> {
    let member = |name: &str| question.get(name).cloned().unwrap_or_default();
    let number = member("function")
        .as_int()
        .and_then(|number| usize::try_from(number).ok());
    let function = number
        .and_then(|number| functions.get(number))
        .ok_or_else(|| {
            Error::new(
                Kind::InvalidArgs,
                "field 'check' of rule 'custom' must be a function",
            )
        })?;
    let said = match function
        .call(cx, vec![member("value"), member("field")])
        .await?
    {
        said @ (Value::Bool(_) | Value::Str(_)) => said,
        _ => Value::Bool(false),
    };
    Ok((member("key").as_str().unwrap_or_default().to_owned(), said))
}

fn outcome(answer: Value) -> Outcome {
    let mut data = match answer {
        Value::Map(data) => data,
        _ => Map::new(),
    };
    data.shift_remove("questions");
    let valid = data.get("valid").and_then(Value::as_bool).unwrap_or(false);
    let message = match data.get("error_count").and_then(Value::as_int) {
        Some(1) => "The data has 1 error".to_owned(),
        Some(count) if count > 1 => format!("The data has {count} errors"),
        _ => "The data is valid".to_owned(),
    };
    Outcome::new("validate", data)
        .output(valid)
        .message(message)
}

fn run_job(request: Value) -> Result<Value> {
    let mut a: DataValidation = request.into_typed()?;
    let mut input = a.input.take().unwrap_or_default();
    let most = if a.fail_fast == Some(true) {
        1
    } else {
        within("max_errors", a.max_errors.unwrap_or(100), 1..=MAX_ERRORS)?
    };
    let coerce = a.coerce.unwrap_or(false);
    let rules = a
        .rules
        .take()
        .or_else(|| a.schema.take_if(|schema| rule::is_rules(schema)));
    let messages = a.messages.take().unwrap_or_default();
    let Some(rules) = rules else {
        let schema = schema::object(&a.schema.unwrap_or_default())?;
        if coerce {
            coerce_by_schema(&mut input, &schema);
        }
        let found = violations(&schema, &input, most)?;
        let faults = found.into_iter().map(|violation| Fault {
            field: field_of(&input, &violation.path),
            path: violation.path,
            rule: violation.keyword,
            message: violation.message,
            value: violation.value,
        });
        return Ok(report(faults.collect(), 1, input, &messages, Vec::new()));
    };
    let rules = rule::read(&rules)?;
    let answers = a.answers.unwrap_or_default();
    let mut checker = Checker::new(Options { coerce, most }, &answers);
    checker.run(&mut input, &rules)?;
    let questions = checker.questions.into_iter().map(|question| {
        Value::from([
            ("function", question.function.into()),
            ("key", question.key.into()),
            ("field", question.field.into()),
            ("value", question.value),
        ])
    });
    Ok(report(
        checker.faults,
        checker.applied,
        input,
        &messages,
        questions.collect(),
    ))
}

fn report(
    faults: Vec<Fault>,
    applied: usize,
    value: Value,
    messages: &Map,
    questions: Vec<Value>,
) -> Value {
    let error_count = faults.len();
    let errors = faults.into_iter().map(|fault| {
        let own = [
            fault.field.as_str(),
            fault.field.strip_prefix("input.").unwrap_or_default(),
            fault.rule.as_str(),
        ];
        let message = own
            .iter()
            .find_map(|name| messages.get(name)?.as_str())
            .map_or(fault.message, str::to_owned);
        Value::from([
            ("field", fault.field.into()),
            ("value", fault.value),
            ("rule", fault.rule.into()),
            ("message", message.into()),
            ("path", fault.path.into()),
        ])
    });
    Value::from([
        ("valid", Value::Bool(error_count == 0)),
        ("errors", errors.collect()),
        ("error_count", error_count.into()),
        ("rule_count", applied.into()),
        ("value", value),
        ("questions", Value::List(questions)),
    ])
}

/// Turns a JSON Pointer into `input.user.tags[2]`.
fn field_of(input: &Value, pointer: &str) -> String {
    let mut place = Some(input);
    let mut field = "input".to_owned();
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        match place {
            Some(Value::List(items)) => {
                field.push_str(&format!("[{token}]"));
                place = token
                    .parse::<usize>()
                    .ok()
                    .and_then(|index| items.get(index));
            }
            other => {
                field.push_str(&format!(".{token}"));
                place = other.and_then(|place| place.get(&token));
            }
        }
    }
    field
}

/// Converts texts to the types that a JSON Schema names.
fn coerce_by_schema(value: &mut Value, schema: &Value) {
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::Str(name)) => vec![name],
        Some(Value::List(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    match value {
        Value::Str(text) if !types.contains(&"string") => {
            if let Some(converted) = types.iter().find_map(|name| convert(text, name)) {
                *value = converted;
            }
        }
        Value::Map(members) => {
            for (name, member) in members.iter_mut() {
                if let Some(schema) = schema
                    .get("properties")
                    .and_then(|properties| properties.get(name))
                {
                    coerce_by_schema(member, schema);
                }
            }
        }
        Value::List(items) => {
            if let Some(schema @ Value::Map(_)) = schema.get("items") {
                items
                    .iter_mut()
                    .for_each(|item| coerce_by_schema(item, schema));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
