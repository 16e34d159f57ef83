//! Conditions: what decides whether steps, branches and iterations run.

use futures::future::BoxFuture;
use llmspell_core::{Callback, Error, Result, Value, error, nearest};

use super::expression::Expression;
use super::fields::{Fields, Place};
use super::flow::Flow;
use super::plan::Who;
use super::scope::Scope;
use super::template::Template;
use super::truth::{is_equal, is_truthy, order, text_of};
use super::work;

/// Every type, with its synonyms.
pub(super) const TYPES: &[&str] = &[
    "always",
    "never",
    "tool",
    "step_output_equals",
    "step_output_contains",
    "shared_data_equals",
    "shared_data_exists",
    "shared_data_greater_than",
    "shared_data_less_than",
    "and",
    "or",
    "not",
    "agent_decision",
    "expression",
    "custom",
    "step_result_equals",
];

/// Something that is true or false.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) test: Test,
    /// What it is called in results: its description, or what was written.
    pub(super) text: String,
    /// Whether the text is its description.
    pub(super) is_described: bool,
}

/// What is asked.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Constant(bool),
    Tool {
        name: String,
        input: Template,
    },
    Equals {
        step: Vec<String>,
        expected: Template,
    },
    Contains {
        step: Vec<String>,
        text: Template,
    },
    Shared {
        key: String,
        is: Is,
    },
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Agent {
        who: Who,
        input: Template,
        expected: String,
    },
    Expression(Expression),
    Function(Callback),
}

/// What is asked of shared data.
#[derive(Clone, Debug)]
pub(super) enum Is {
    There,
    Equal(Template),
    More(Template),
    Less(Template),
}

impl Condition {
    /// Reads a condition. A text is an expression, unless it is a short form.
    ///
    /// - Errors: `InvalidArgs` for an unknown type or a missing member, `Parse` for a wrong expression.
    pub(super) fn read(value: Value, place: &Place) -> Result<Self> {
        Self::any(value, place).map_err(|error| place.told(error))
    }

    fn any(value: Value, place: &Place) -> Result<Self> {
        match value {
            Value::Bool(truth) => Ok(Self::constant(truth)),
            Value::Function(function) => Ok(Self {
                text: "function".to_owned(),
                test: Test::Function(function),
                is_described: false,
            }),
            Value::Str(text) => Self::short(&text),
            value @ Value::Map(_) => Self::table(Fields::new(value, place.clone())?),
            other => Err(error!(
                InvalidArgs,
                "{place}: a condition is a table, a text, a function, true or false, got {}",
                other.type_name()
            )),
        }
    }

    /// Makes a condition that is always the same.
    pub(super) fn constant(truth: bool) -> Self {
        Self {
            test: Test::Constant(truth),
            text: if truth { "always" } else { "never" }.to_owned(),
            is_described: false,
        }
    }

    fn short(text: &str) -> Result<Self> {
        let test = match text.trim() {
            "always" => Test::Constant(true),
            "never" => Test::Constant(false),
            other => match other
                .strip_prefix("step:")
                .and_then(|rest| rest.split_once(':'))
            {
                Some((step, expected)) => Test::Equals {
                    step: vec![step.trim().to_owned()],
                    expected: Template::new(expected.trim().into()),
                },
                None => Test::Expression(Expression::parse(text)?),
            },
        };
        Ok(Self {
            test,
            text: text.to_owned(),
            is_described: false,
        })
    }

    fn table(mut fields: Fields) -> Result<Self> {
        let kind = fields.text(&["type"])?;
        let kind = match kind {
            Some(kind) => kind,
            None if fields.has("tool") => "tool".to_owned(),
            None if fields.has("agent") => "agent_decision".to_owned(),
            None if fields.has("expression") => "expression".to_owned(),
            None if fields.has("conditions") => "and".to_owned(),
            None => return Err(fields.missing("type").hint(types())),
        };
        let description = fields.text(&["description"])?;
        let (test, text) = Self::test(&mut fields, &kind)?;
        Ok(Self {
            test,
            is_described: description.is_some(),
            text: description.unwrap_or(text),
        })
    }

    fn test(fields: &mut Fields, kind: &str) -> Result<(Test, String)> {
        let of = |test: Test| Ok((test, kind.to_owned()));
        match kind {
            "always" => of(Test::Constant(true)),
            "never" => of(Test::Constant(false)),
            "tool" => {
                let tool = fields.take(&["tool", "name"]);
                let name = crate::tool::name_of(&tool).ok_or_else(|| fields.missing("tool"))?;
                let input = fields.take(&["input", "parameters", "params"]);
                Ok((
                    Test::Tool {
                        name: name.to_owned(),
                        input: Template::new(input),
                    },
                    format!("tool {name}"),
                ))
            }
            "step_output_equals" | "step_result_equals" => {
                let step = step_name(fields)?;
                let expected = fields.take(&["expected", "expected_value", "value"]);
                let text = format!("{} equals {expected}", step.join(":"));
                let expected = Template::new(expected);
                Ok((Test::Equals { step, expected }, text))
            }
            "step_output_contains" => {
                let step = step_name(fields)?;
                let text = fields.take(&["substring", "text"]);
                if text.is_null() {
                    return Err(fields.missing("substring"));
                }
                let shown = format!("{} contains {text}", step.join(":"));
                let text = Template::new(text);
                Ok((Test::Contains { step, text }, shown))
            }
            "shared_data_equals"
            | "shared_data_exists"
            | "shared_data_greater_than"
            | "shared_data_less_than" => Self::shared(fields, kind),
            "and" | "or" => {
                let place = fields.place.clone();
                let conditions = fields.list(&["conditions"])?;
                let conditions = conditions.ok_or_else(|| fields.missing("conditions"))?;
                let all: Result<Vec<_>> = conditions
                    .into_iter()
                    .enumerate()
                    .map(|(at, condition)| Self::read(condition, &place.at("conditions").at(at)))
                    .collect();
                of(match kind {
                    "and" => Test::All(all?),
                    _ => Test::Any(all?),
                })
            }
            "not" => {
                let inner = fields.take(&["condition"]);
                if inner.is_null() {
                    return Err(fields.missing("condition"));
                }
                let inner = Self::read(inner, &fields.place.at("condition"))?;
                let text = format!("not {}", inner.text);
                Ok((Test::Not(inner.into()), text))
            }
            "agent_decision" => {
                let who = fields.take(&["agent"]);
                let who = Who::read(&who).ok_or_else(|| match who {
                    Value::Null => fields.missing("agent"),
                    other => fields.wrong("agent", "the name of an agent or an agent", &other),
                })?;
                let expected = fields.text(&["expected"])?;
                let input = fields.take(&["input", "prompt"]);
                let text = format!("agent {who}");
                Ok((
                    Test::Agent {
                        who,
                        input: Template::new(input),
                        expected: expected.unwrap_or_else(|| "yes".to_owned()),
                    },
                    text,
                ))
            }
            "expression" | "custom" => {
                match fields.take(&["expression", "function", "condition"]) {
                    Value::Str(text) => Ok((Test::Expression(Expression::parse(&text)?), text)),
                    Value::Function(function) => of(Test::Function(function)),
                    Value::Null => Err(fields.missing("expression")),
                    other => Err(fields.wrong("expression", "text", &other)),
                }
            }
            unknown => Err(Self::unknown(fields, unknown)),
        }
    }

    fn shared(fields: &mut Fields, kind: &str) -> Result<(Test, String)> {
        let key = fields
            .text(&["key"])?
            .ok_or_else(|| fields.missing("key"))?;
        let value = fields.take(&["expected", "expected_value", "value"]);
        let (is, word) = match kind {
            "shared_data_exists" => (Is::There, "exists"),
            "shared_data_equals" => (Is::Equal(Template::new(value.clone())), "equals"),
            _ if value.is_null() => return Err(fields.missing("value")),
            "shared_data_greater_than" => (Is::More(Template::new(value.clone())), ">"),
            _ => (Is::Less(Template::new(value.clone())), "<"),
        };
        let text = match value {
            Value::Null => format!("{key} {word}"),
            value => format!("{key} {word} {value}"),
        };
        Ok((Test::Shared { key, is }, text))
    }

    fn unknown(fields: &Fields, kind: &str) -> Error {
        let error = error!(
            InvalidArgs,
            "{}: unknown condition type '{kind}'", fields.place
        );
        match nearest(kind, TYPES.iter().copied()).first() {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error.hint(types()),
        }
    }

    /// Shows the conditions that this one is made of, itself included.
    pub(super) fn each<'a>(&'a self, show: &mut dyn FnMut(&'a Self)) {
        show(self);
        match &self.test {
            Test::All(inner) | Test::Any(inner) => {
                for inner in inner {
                    inner.each(show);
                }
            }
            Test::Not(inner) => inner.each(show),
            _ => {}
        }
    }

    /// Returns whether it is true now.
    ///
    /// - Errors: whatever fails while it is evaluated.
    pub(super) fn holds<'a>(
        &'a self,
        flow: &'a Flow,
        scope: &'a Scope,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            match &self.test {
                Test::Constant(truth) => Ok(*truth),
                Test::All(inner) => {
                    for inner in inner {
                        if !inner.holds(flow, scope).await? {
                            return Ok(false);
                        }
                    }
                    Ok(true)
                }
                Test::Any(inner) => {
                    for inner in inner {
                        if inner.holds(flow, scope).await? {
                            return Ok(true);
                        }
                    }
                    Ok(false)
                }
                Test::Not(inner) => Ok(!inner.holds(flow, scope).await?),
                Test::Tool { name, input } => {
                    let params = input.resolve(flow, scope).await?;
                    let envelope = crate::tool::invoke(&flow.cx, name, params).await?;
                    Ok(envelope.is_success() && is_truthy(&envelope.primary()))
                }
                Test::Equals { step, expected } => {
                    let expected = expected.resolve(flow, scope).await?;
                    Ok(is_equal(&scope.step(step)?.output, &expected))
                }
                Test::Contains { step, text } => {
                    let text = text_of(&text.resolve(flow, scope).await?);
                    Ok(scope.step(step)?.text().contains(&text))
                }
                Test::Shared { key, is } => {
                    let found = flow.shared(scope, key).await?;
                    is.holds(flow, scope, &found).await
                }
                Test::Agent {
                    who,
                    input,
                    expected,
                } => {
                    let input = input.resolve(flow, scope).await?;
                    let answer = work::ask(&flow.cx, who, input).await?;
                    let text = answer.get("text").map(text_of).unwrap_or_default();
                    Ok(text.to_lowercase().contains(&expected.to_lowercase()))
                }
                Test::Expression(expression) => {
                    Ok(is_truthy(&expression.value(flow, scope).await?))
                }
                Test::Function(function) => {
                    let mut args = vec![(*scope.input).clone(), flow.state_handle()];
                    args.extend(scope.turn.as_ref().map(|turn| Value::from(turn.index)));
                    let call = function.call(&flow.cx, args);
                    Ok(is_truthy(&flow.cx.unless_stopped(call).await??))
                }
            }
        })
    }
}

impl Is {
    /// Returns whether it is so of what was found. A null counts as nothing: a script cannot tell them apart either.
    async fn holds(&self, flow: &Flow, scope: &Scope, found: &Value) -> Result<bool> {
        let (expected, wanted) = match self {
            Self::There => return Ok(!found.is_null()),
            Self::Equal(expected) => (expected, None),
            Self::More(expected) => (expected, Some(std::cmp::Ordering::Greater)),
            Self::Less(expected) => (expected, Some(std::cmp::Ordering::Less)),
        };
        let expected = expected.resolve(flow, scope).await?;
        Ok(match wanted {
            None => is_equal(found, &expected),
            Some(wanted) => order(found, &expected) == Some(wanted),
        })
    }
}

fn step_name(fields: &mut Fields) -> Result<Vec<String>> {
    let step = fields.text(&["step", "step_name"])?;
    let step = step.ok_or_else(|| fields.missing("step"))?;
    Ok(step.split(':').map(|name| name.trim().to_owned()).collect())
}

fn types() -> String {
    format!("the types are {}", TYPES.join(", "))
}
