//! Values against rules.

use std::cmp::Ordering;
use std::collections::HashSet;

use llmspell_core::value::to_json;
use llmspell_core::{Error, Kind, Map, Name, Result, Value};

use super::rule::{Object, Rule};

/// Most rules that are applied, over all values.
const MAX_CHECKS: usize = 1_000_000;

/// One rule that a value does not meet.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) field: String,
    pub(super) path: String,
    pub(super) rule: String,
    pub(super) message: String,
    pub(super) value: Value,
}

/// A call of a script's function that is still to be made.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// The number of the function.
    pub(super) function: i64,
    /// Under which the answer is looked up.
    pub(super) key: String,
    pub(super) field: String,
    pub(super) value: Value,
}

/// How to check.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    pub(super) coerce: bool,
    pub(super) most: usize,
}

/// Where a value is.
#[derive(Clone, Debug)]
struct Place {
    field: String,
    path: String,
}

impl Place {
    fn member(&self, name: &str) -> Self {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        Self {
            field: format!("{}.{name}", self.field),
            path: format!("{}/{escaped}", self.path),
        }
    }

    fn item(&self, index: usize) -> Self {
        Self {
            field: format!("{}[{index}]", self.field),
            path: format!("{}/{index}", self.path),
        }
    }
}

/// The walk over a value, and what it found.
pub(super) struct Checker<'a> {
    pub(super) faults: Vec<Fault>,
    pub(super) questions: Vec<Question>,
    /// Rules applied so far.
    pub(super) applied: usize,
    options: Options,
    /// What functions answered: true, false, or the text of a message.
    answers: &'a Map,
}

impl<'a> Checker<'a> {
    pub(super) fn new(options: Options, answers: &'a Map) -> Self {
        Self {
            faults: Vec::new(),
            questions: Vec::new(),
            applied: 0,
            options,
            answers,
        }
    }

    /// Checks the whole input; strings are converted in place if that was asked for.
    ///
    /// - Errors: `Limit` past a million rules.
    pub(super) fn run(&mut self, input: &mut Value, rules: &[Rule]) -> Result<()> {
        self.value(
            &Place {
                field: "input".to_owned(),
                path: String::new(),
            },
            input,
            None,
            rules,
        )
    }

    fn full(&self) -> bool {
        self.faults.len() >= self.options.most
    }

    fn fault(&mut self, place: &Place, value: &Value, rule: &str, message: impl Into<String>) {
        if !self.full() {
            self.faults.push(Fault {
                field: place.field.clone(),
                path: place.path.clone(),
                rule: rule.to_owned(),
                message: message.into(),
                value: value.clone(),
            });
        }
    }

    fn count(&mut self) -> Result<()> {
        self.applied += 1;
        if self.applied > MAX_CHECKS {
            return Err(Error::new(
                Kind::Limit,
                format!("more than {MAX_CHECKS} rules to apply"),
            )
            .with("limit", MAX_CHECKS));
        }
        Ok(())
    }

    fn value(
        &mut self,
        place: &Place,
        value: &mut Value,
        parent: Option<&Map>,
        rules: &[Rule],
    ) -> Result<()> {
        if self.options.coerce {
            coerce(value, rules);
        }
        let empty = value.is_null() || value.as_str() == Some("");
        if empty && rules.iter().any(|rule| matches!(rule, Rule::Required)) {
            self.count()?;
            self.fault(place, value, "required", "is required");
            return Ok(());
        }
        for rule in rules {
            if self.full() {
                return Ok(());
            }
            self.rule(place, value, parent, rule)?;
        }
        if self.options.coerce {
            normalise_date(value, rules);
        }
        Ok(())
    }

    /// Checks rules for a member that does not exist.
    fn absent(&mut self, place: &Place, rules: &[Rule]) -> Result<()> {
        for rule in rules {
            match rule {
                Rule::Required => {
                    self.count()?;
                    self.fault(place, &Value::Null, "required", "is required");
                }
                Rule::AllOf(rules) => self.absent(place, rules)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn rule(
        &mut self,
        place: &Place,
        value: &mut Value,
        parent: Option<&Map>,
        rule: &Rule,
    ) -> Result<()> {
        if !matches!(rule, Rule::Object(object) if object.implied) {
            self.count()?;
        }
        match rule {
            Rule::Array { .. } | Rule::Object(_) => self.nested(place, value, rule),
            Rule::AllOf(rules) => self.value(place, value, parent, rules),
            Rule::AnyOf(choices) => {
                for rules in choices {
                    if self.apart(place, value, parent, rules)? {
                        return Ok(());
                    }
                }
                self.fault(
                    place,
                    value,
                    "any_of",
                    "must meet at least one of the rules",
                );
                Ok(())
            }
            Rule::Not(rules) => {
                if self.apart(place, value, parent, rules)? {
                    self.fault(place, value, "not", "must not meet the rules");
                }
                Ok(())
            }
            Rule::Function(number) => {
                self.ask(place, value, *number);
                Ok(())
            }
            rule => {
                if let Some((name, message)) = wrong(value, parent, rule) {
                    self.fault(place, value, name, message);
                }
                Ok(())
            }
        }
    }

    /// Returns whether the value meets the rules, without reporting faults.
    fn apart(
        &mut self,
        place: &Place,
        value: &mut Value,
        parent: Option<&Map>,
        rules: &[Rule],
    ) -> Result<bool> {
        let mut inner = Checker {
            applied: self.applied,
            ..Checker::new(
                Options {
                    most: 1,
                    ..self.options
                },
                self.answers,
            )
        };
        inner.value(place, value, parent, rules)?;
        self.applied = inner.applied;
        self.questions.append(&mut inner.questions);
        Ok(inner.faults.is_empty())
    }

    /// Looks up what a function said, or asks for it.
    fn ask(&mut self, place: &Place, value: &Value, number: i64) {
        let key = format!("{number}@{}", place.path);
        match self.answers.get(&key) {
            Some(Value::Bool(true)) => {}
            Some(Value::Str(message)) => self.fault(place, value, "custom", message.clone()),
            Some(_) => self.fault(place, value, "custom", "does not pass the check"),
            None => self.questions.push(Question {
                function: number,
                key,
                field: place.field.clone(),
                value: value.clone(),
            }),
        }
    }

    fn nested(&mut self, place: &Place, value: &mut Value, rule: &Rule) -> Result<()> {
        match (rule, value) {
            (
                Rule::Array {
                    min,
                    max,
                    unique,
                    items,
                },
                value @ (Value::List(_) | Value::Map(_)),
            ) if value.as_list().is_some() => {
                let mut list = value.as_list().unwrap_or_default().to_vec();
                if let Some(message) = bounds(list.len(), *min, *max, "item") {
                    self.fault(place, value, "array", message);
                }
                let mut seen = HashSet::new();
                if *unique && !list.iter().all(|item| seen.insert(to_json(item))) {
                    self.fault(place, value, "array", "items must be unique");
                }
                for (index, item) in list.iter_mut().enumerate() {
                    if self.full() {
                        return Ok(());
                    }
                    self.value(&place.item(index), item, None, items)?;
                }
                if self.options.coerce {
                    *value = Value::List(list);
                }
                Ok(())
            }
            (Rule::Object(object), Value::Map(members)) => self.members(place, members, object),
            (Rule::Object(object), Value::List(items)) if items.is_empty() => {
                self.members(place, &mut Map::new(), object)
            }
            (rule, value) => {
                let expected = if matches!(rule, Rule::Array { .. }) {
                    "array"
                } else {
                    "object"
                };
                let message = format!("wrong type: expected {expected}, got {}", value.type_name());
                self.fault(place, value, expected, message);
                Ok(())
            }
        }
    }

    fn members(&mut self, place: &Place, members: &mut Map, object: &Object) -> Result<()> {
        for name in &object.required {
            let missing = members
                .get(name)
                .is_none_or(|value| value.is_null() || value.as_str() == Some(""));
            if missing {
                self.fault(&place.member(name), &Value::Null, "required", "is required");
            }
        }
        let compares = object
            .properties
            .iter()
            .any(|(_, rules)| rules.iter().any(needs_siblings));
        for (name, rules) in &object.properties {
            if self.full() {
                return Ok(());
            }
            let place = place.member(name);
            let siblings = compares.then(|| members.clone());
            match members.get_mut(name) {
                Some(value) => self.value(&place, value, siblings.as_ref(), rules)?,
                None if object.required.contains(name) => {}
                None => self.absent(&place, rules)?,
            }
        }
        if object.closed {
            let known = |name: &str| {
                object.properties.iter().any(|(known, _)| known == name)
                    || object.required.iter().any(|known| known == name)
            };
            let extra: Vec<(Name, Value)> = members
                .iter()
                .filter(|(name, _)| !known(name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            for (name, value) in extra {
                self.fault(
                    &place.member(&name),
                    &value,
                    "object",
                    "is not an allowed property",
                );
            }
        }
        Ok(())
    }
}

fn needs_siblings(rule: &Rule) -> bool {
    match rule {
        Rule::Compare { .. } => true,
        Rule::AllOf(rules) | Rule::Not(rules) => rules.iter().any(needs_siblings),
        Rule::AnyOf(choices) => choices.iter().flatten().any(needs_siblings),
        _ => false,
    }
}

/// Returns rule name and message if a scalar rule is not met.
fn wrong(value: &Value, parent: Option<&Map>, rule: &Rule) -> Option<(&'static str, String)> {
    let mismatch = |name, expected: &str| {
        Some((
            name,
            format!("wrong type: expected {expected}, got {}", value.type_name()),
        ))
    };
    match (rule, value) {
        (Rule::Type(expected), value) => {
            (!expected.iter().any(|name| is(value, name))).then(|| {
                (
                    "type",
                    format!(
                        "wrong type: expected {}, got {}",
                        expected.join(" or "),
                        value.type_name()
                    ),
                )
            })
        }
        (Rule::Length { min, max }, Value::Str(text)) => {
            bounds(text.chars().count(), *min, *max, "character").map(|message| ("length", message))
        }
        (Rule::Length { min, max }, list) if list.as_list().is_some() => {
            bounds(list.as_list().unwrap_or_default().len(), *min, *max, "item")
                .map(|message| ("length", message))
        }
        (Rule::Length { .. }, _) => mismatch("length", "string or array"),
        (
            Rule::Range {
                min,
                max,
                exclusive,
            },
            value,
        ) => match value.as_float() {
            Some(number) => {
                out_of_range(number, *min, *max, *exclusive).map(|message| ("range", message))
            }
            None => mismatch("range", "number"),
        },
        (Rule::Pattern(pattern), Value::Str(text)) => (!pattern.is_match(text)).then(|| {
            (
                "pattern",
                format!("must match the pattern {}", pattern.as_str()),
            )
        }),
        (Rule::Pattern(_), _) => mismatch("pattern", "string"),
        (Rule::Enum(values), value) => {
            (!values.iter().any(|allowed| same(allowed, value))).then(|| {
                let listed: Vec<String> = values.iter().take(20).map(shown).collect();
                ("enum", format!("must be one of: {}", listed.join(", ")))
            })
        }
        (Rule::Format(format), Value::Str(text)) => (!(format.fits)(text))
            .then(|| (format.name, format!("must be a valid {}", format.noun))),
        (Rule::Format(format), _) => mismatch(format.name, "string"),
        (Rule::Custom(format), Value::Str(text)) => {
            (!(format.fits)(text)).then(|| ("custom", format!("must be a valid {}", format.noun)))
        }
        (Rule::Custom(_), _) => mismatch("custom", "string"),
        (Rule::Date(format), Value::Str(text)) => format.date(text).is_none().then(|| {
            let suffix = match format.given() {
                "" => String::new(),
                given => format!(" in the format {given}"),
            };
            ("date", format!("must be a valid date{suffix}"))
        }),
        (Rule::Date(format), Value::Int(_)) if format.is_number() => None,
        (Rule::Date(_), _) => mismatch("date", "string"),
        (Rule::Compare { field, operator }, value) => {
            let other = parent
                .and_then(|parent| parent.get(field))
                .unwrap_or(&Value::Null);
            (!compares(value, operator, other))
                .then(|| ("compare", format!("must be {operator} '{field}'")))
        }
        _ => None,
    }
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => matches!(value, Value::Bool(_)),
        "number" => value.as_float().is_some(),
        "integer" => value.as_int().is_some(),
        "string" => matches!(value, Value::Str(_)),
        "array" => value.as_list().is_some(),
        _ => {
            matches!(value, Value::Map(_) | Value::Handle(_))
                || value.as_list().is_some_and(<[Value]>::is_empty)
        }
    }
}

fn bounds(count: usize, min: Option<i64>, max: Option<i64>, noun: &str) -> Option<String> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let nouns = |bound: i64| {
        if bound == 1 {
            noun.to_owned()
        } else {
            format!("{noun}s")
        }
    };
    match (min, max) {
        (Some(min), _) if count < min => Some(format!("must have at least {min} {}", nouns(min))),
        (_, Some(max)) if count > max => Some(format!("must have at most {max} {}", nouns(max))),
        _ => None,
    }
}

fn out_of_range(
    number: f64,
    min: Option<f64>,
    max: Option<f64>,
    exclusive: bool,
) -> Option<String> {
    let (more, less) = if exclusive {
        ("greater than", "less than")
    } else {
        ("at least", "at most")
    };
    match (min, max) {
        _ if number.is_nan() => Some("must be a number".to_owned()),
        (Some(min), _) if number < min || exclusive && number == min => {
            Some(format!("must be {more} {min}"))
        }
        (_, Some(max)) if number > max || exclusive && number == max => {
            Some(format!("must be {less} {max}"))
        }
        _ => None,
    }
}

fn same(left: &Value, right: &Value) -> bool {
    match (left.as_float(), right.as_float()) {
        (Some(left), Some(right)) => left == right,
        _ => left == right,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Str(text) => text.clone(),
        other => to_json(other),
    }
}

fn compares(left: &Value, operator: &str, right: &Value) -> bool {
    let order = match (left, right) {
        (Value::Str(left), Value::Str(right)) => Some(left.cmp(right)),
        _ => match (left.as_float(), right.as_float()) {
            (Some(left), Some(right)) => left.partial_cmp(&right),
            _ => None,
        },
    };
    match operator {
        "==" => same(left, right),
        "!=" => !same(left, right),
        "<" => order == Some(Ordering::Less),
        "<=" => order.is_some_and(Ordering::is_le),
        ">" => order == Some(Ordering::Greater),
        _ => order.is_some_and(Ordering::is_ge),
    }
}

/// Writes a date that met its rule in ISO form.
fn normalise_date(value: &mut Value, rules: &[Rule]) {
    let Value::Str(text) = &*value else {
        return;
    };
    let written = rules.iter().find_map(|rule| match rule {
        Rule::Date(format) => format.date(text),
        _ => None,
    });
    if let Some(written) = written {
        *value = written.into();
    }
}

/// Converts a text to what the rules want: a number or a boolean.
fn coerce(value: &mut Value, rules: &[Rule]) {
    let Value::Str(text) = &*value else {
        return;
    };
    let converted = rules.iter().find_map(|rule| match rule {
        Rule::Type(names) if names.contains(&"string") => None,
        Rule::Type(names) => names.iter().find_map(|name| convert(text, name)),
        Rule::Range { .. } => convert(text, "number"),
        _ => None,
    });
    if let Some(converted) = converted {
        *value = converted;
    }
}

/// Converts a text that wholly is a value of that type.
pub(super) fn convert(text: &str, name: &str) -> Option<Value> {
    let text = text.trim();
    match name {
        "integer" => text.parse::<i64>().ok().map(Value::from),
        "number" => match text.parse::<i64>() {
            Ok(whole) => Some(whole.into()),
            Err(_) => text
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite())
                .map(Value::from),
        },
        "boolean" => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true.into()),
            "false" | "no" | "0" => Some(false.into()),
            _ => None,
        },
        "null" if text.is_empty() || text == "null" => Some(Value::Null),
        _ => None,
    }
}
