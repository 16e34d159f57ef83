//! The input of a step: a value with tokens in its texts.

use std::sync::{Arc, LazyLock};

use futures::future::BoxFuture;
use llmspell_core::value::{from_json, to_json};
use llmspell_core::{Cx, Effect, Error, Kind, Map, Module, Name, Op, Result, Value, error};
use schemars::JsonSchema;
use serde::Deserialize;

use super::done::milliseconds;
use super::flow::Flow;
use super::scope::{self, Scope};
use super::token::{self, Access, Filter, Operand, Part, Place, Reference, Token, Variable};
use super::truth::{is_truthy, text_of};
use crate::{file, tool};

/// Largest file that a token inserts, in bytes.
const MAX_FILE: u64 = 10 << 20;

/// A value whose texts were searched for tokens once.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Template {
    /// Has no token.
    Plain(Value),
    Text(Vec<Part>),
    List(Vec<Template>),
    Map(Vec<(Name, Template)>),
}

impl Template {
    /// Searches a value for tokens.
    pub(super) fn new(value: Value) -> Self {
        match value {
            Value::Str(text) if text.contains("{{") => Self::Text(token::split(&text)),
            Value::List(items) => {
                let items: Vec<Self> = items.into_iter().map(Self::new).collect();
                let plain: Option<Vec<Value>> = items.iter().map(Self::plain).collect();
                plain.map_or(Self::List(items), |plain| Self::Plain(Value::List(plain)))
            }
            Value::Map(members) => {
                let members: Vec<(Name, Self)> = members
                    .into_iter()
                    .map(|(name, value)| (name, Self::new(value)))
                    .collect();
                let plain: Option<Map> = members
                    .iter()
                    .map(|(name, value)| Some((name.clone(), value.plain()?)))
                    .collect();
                plain.map_or(Self::Map(members), |plain| Self::Plain(Value::Map(plain)))
            }
            plain => Self::Plain(plain),
        }
    }

    fn plain(&self) -> Option<Value> {
        match self {
            Self::Plain(value) => Some(value.clone()),
            _ => None,
        }
    }

    /// Shows every part that is or should be a token.
    pub(super) fn parts<'a>(&'a self, show: &mut impl FnMut(&'a Part)) {
        match self {
            Self::Plain(_) => {}
            Self::Text(parts) => parts.iter().for_each(show),
            Self::List(items) => items.iter().for_each(|item| item.parts(show)),
            Self::Map(members) => members.iter().for_each(|(_, value)| value.parts(show)),
        }
    }

    /// Returns the value with the tokens resolved.
    ///
    /// - Errors: `NotFound` for an unknown step, branch or file; `Parse` for a malformed token.
    pub(super) fn resolve<'a>(
        &'a self,
        flow: &'a Flow,
        scope: &'a Scope,
    ) -> BoxFuture<'a, Result<Value>> {
        if let Self::Plain(value) = self {
            return Box::pin(std::future::ready(Ok(value.clone())));
        }
        Box::pin(async move {
            Ok(match self {
                Self::Plain(value) => value.clone(),
                Self::Text(parts) => fill(flow, scope, parts).await?,
                Self::List(items) => {
                    let mut resolved = Vec::with_capacity(items.len());
                    for item in items {
                        resolved.push(item.resolve(flow, scope).await?);
                    }
                    Value::List(resolved)
                }
                Self::Map(members) => {
                    let mut resolved = Map::with_capacity(members.len());
                    for (name, value) in members {
                        resolved.insert(name.clone(), value.resolve(flow, scope).await?);
                    }
                    Value::Map(resolved)
                }
            })
        })
    }
}

/// Shows the tokens of a text, and those within their operands.
pub(super) fn tokens_of<'a>(parts: &'a [Part], show: &mut impl FnMut(&'a Token)) {
    for part in parts {
        if let Part::Token(token) = part {
            tokens_within(token, show);
        }
    }
}

/// Shows a token, and those within its operands.
pub(super) fn tokens_within<'a>(token: &'a Token, show: &mut dyn FnMut(&'a Token)) {
    show(token);
    let Some(choice) = &token.choice else {
        return;
    };
    for operand in [&choice.0, &choice.1] {
        match operand {
            Operand::Token(token) => tokens_within(token, show),
            Operand::Text(parts) => {
                for part in parts {
                    if let Part::Token(token) = part {
                        tokens_within(token, show);
                    }
                }
            }
            Operand::Literal(_) => {}
        }
    }
}

/// Returns the text that the parts make; a single token keeps the type of its value.
pub(super) async fn fill(flow: &Flow, scope: &Scope, parts: &[Part]) -> Result<Value> {
    if let [Part::Token(token)] = parts {
        return value(flow, scope, token).await;
    }
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(plain) => text.push_str(plain),
            Part::Token(token) => text.push_str(&text_of(&value(flow, scope, token).await?)),
            Part::Malformed(token, why) => {
                return Err(error!(Parse, "the token '{token}' is malformed: {why}")
                    .with("token", token.as_str()));
            }
        }
    }
    Ok(text.into())
}

/// Returns the value of a token.
pub(super) fn value<'a>(
    flow: &'a Flow,
    scope: &'a Scope,
    token: &'a Token,
) -> BoxFuture<'a, Result<Value>> {
    Box::pin(async move {
        let named = |error: Error| about(token, error);
        let mut value = refer(flow, scope, &token.reference).await.map_err(named)?;
        for filter in &token.filters {
            value = apply(&flow.cx, filter, value).await.map_err(named)?;
        }
        let Some(choice) = &token.choice else {
            return Ok(value);
        };
        let chosen = if is_truthy(&value) {
            &choice.0
        } else {
            &choice.1
        };
        match chosen {
            Operand::Literal(value) => Ok(value.clone()),
            Operand::Token(token) => self::value(flow, scope, token).await,
            Operand::Text(parts) => {
                let text = fill(flow, scope, parts).await?;
                Ok(text_of(&text).into())
            }
        }
    })
}

/// Lets an error name the token; what is wrong with the token itself says so in its message.
fn about(token: &Token, error: Error) -> Error {
    let written = token.written.to_string();
    let error = match error.kind() {
        Kind::NotFound | Kind::Parse => {
            let message = format!("the token '{written}': {}", error.message());
            error.reworded(message)
        }
        _ => error,
    };
    error.with("token", written)
}

async fn refer(flow: &Flow, scope: &Scope, reference: &Reference) -> Result<Value> {
    Ok(match reference {
        Reference::Step(place) => of_step(place, scope.step(&place.names)?),
        Reference::Branch(place) => of_step(place, scope.branch(&place.names)?),
        Reference::Loop {
            parents,
            variable,
            path,
        } => {
            let turn = scope.turn(*parents)?;
            match variable {
                Variable::Item => scope::at(&turn.item, path),
                Variable::Index => scope::at(&turn.index.into(), path),
            }
        }
        Reference::State {
            scope: name,
            key,
            path,
        } => scope::at(&flow.state(name.as_deref(), key).await?, path),
        Reference::Input(path) => scope::at(&scope.input, path),
        Reference::File(path) => {
            let bytes = file::read_whole(&flow.cx, path, MAX_FILE).await?;
            let text = String::from_utf8(bytes);
            text.map_err(|_| error!(Parse, "the file '{path}' is not UTF-8"))?
                .into()
        }
        Reference::Random(low, high) => random(&flow.cx, *low, *high).await?,
    })
}

fn of_step(place: &Place, done: &super::done::Done) -> Value {
    let path = &place.path;
    match place.access {
        Access::Output => scope::at(&done.output, path),
        Access::Data => scope::at(&done.data, path),
        Access::Success => scope::at(&done.is_success().into(), path),
        Access::Text => match done.output.is_null() {
            true => Value::Null,
            false => scope::at(&done.text().into(), path),
        },
        Access::Duration => scope::at(&milliseconds(done.duration), path),
        Access::Error => match &done.error {
            None => Value::Null,
            // Alone it is the sentence, which is what texts want.
            Some(error) if path.is_empty() => error.message().into(),
            Some(error) => scope::at(&error.to_value(), path),
        },
    }
}

async fn apply(cx: &Cx, filter: &Filter, value: Value) -> Result<Value> {
    let text = |change: fn(&str) -> String| Value::from(change(&text_of(&value)));
    Ok(match filter {
        Filter::ToJson => to_json(&value).into(),
        Filter::FromJson => match value {
            Value::Str(text) => from_json(&text)?,
            other => other,
        },
        Filter::Query(query) => query_json(cx, query, value).await?,
        Filter::Upper => text(str::to_uppercase),
        Filter::Lower => text(str::to_lowercase),
        Filter::Trim => text(|text| text.trim().to_owned()),
        Filter::Length => length(&value).into(),
        Filter::First => end_of(&value, false),
        Filter::Last => end_of(&value, true),
        Filter::Join(separator) => match value.as_list() {
            Some(items) => {
                let texts: Vec<String> = items.iter().map(text_of).collect();
                texts.join(separator).into()
            }
            None => text_of(&value).into(),
        },
        Filter::Default(usual) => match value {
            Value::Null => scalar(usual),
            Value::Str(text) if text.is_empty() => scalar(usual),
            value => value,
        },
    })
}

fn scalar(text: &str) -> Value {
    token::literal(text).unwrap_or_else(|| text.into())
}

fn length(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::List(items) => items.len(),
        Value::Map(members) => members.len(),
        Value::Bytes(bytes) => bytes.len(),
        other => text_of(other).chars().count(),
    }
}

/// Returns the first or last item of a list, or character of a text.
fn end_of(value: &Value, last: bool) -> Value {
    match value {
        Value::List(items) => {
            let item = if last { items.last() } else { items.first() };
            item.cloned().unwrap_or_default()
        }
        Value::Map(_) | Value::Null => Value::Null,
        other => {
            let text = text_of(other);
            let mut letters = text.chars();
            let letter = if last {
                letters.next_back()
            } else {
                letters.next()
            };
            letter.map(String::from).into()
        }
    }
}

/// Asks `json_processor`, which evaluates the query in a worker.
async fn query_json(cx: &Cx, query: &str, value: Value) -> Result<Value> {
    let input = match value {
        Value::Str(text) => from_json(&text)?,
        other => other,
    };
    let params: Value = [
        ("operation", Value::from("query")),
        ("query", query.into()),
        ("input", input),
    ]
    .into_iter()
    .collect();
    let envelope = tool::invoke(cx, "json_processor", params).await?;
    Ok(envelope.outcome?.primary().clone())
}

/// Returns a random whole number. A call of its own, so that a run that is repeated sees the same.
#[derive(Deserialize, JsonSchema)]
struct Random {
    /// The smallest.
    low: i64,
    /// The largest.
    high: i64,
}

async fn draw(cx: Cx, a: Random) -> Result<i64> {
    let span = a.high.abs_diff(a.low);
    let number = u64::from_le_bytes(crate::clock::random(&cx, "workflow.random"));
    let offset = match span.checked_add(1) {
        Some(count) => ((u128::from(number) * u128::from(count)) >> 64) as u64,
        None => number,
    };
    Ok(a.low.wrapping_add_unsigned(offset))
}

async fn random(cx: &Cx, low: i64, high: i64) -> Result<Value> {
    static DRAW: LazyLock<Arc<Op>> = LazyLock::new(|| {
        let module =
            Module::hidden("workflow", "").op(Op::new("random", draw).effect(Effect::Read));
        crate::clock::op(&module, "random")
    });
    let args = [("low", Value::from(low)), ("high", high.into())];
    cx.call(&DRAW, args.into_iter().collect()).await
}
