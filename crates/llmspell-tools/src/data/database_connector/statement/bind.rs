//! The parameters of a statement at their places.

use llmspell_core::{Error, Kind, Result, Value};

use super::scan::{Hole, Key};
use super::{Dialect, Statement};
use crate::param::refused;

/// A statement as its server wants it, with the values of its parameters in order.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    pub(crate) sql: String,
    pub(crate) values: Vec<Value>,
}

impl Statement {
    /// Puts the parameters to their places: the marks are written as the server knows them, the values go beside.
    ///
    /// - Errors: `InvalidArgs` where marks and parameters do not match.
    pub(crate) fn bind(&self, params: &Params) -> Result<Bound> {
        let numbered = self
            .holes
            .iter()
            .any(|hole| matches!(hole.key, Key::Number(_)));
        // In PostgreSQL a `?` is an operator as well.
        let marks = self.dialect != Dialect::Postgres || (!numbered && !params.is_empty());
        let holes: Vec<&Hole> = self
            .holes
            .iter()
            .filter(|hole| match hole.key {
                Key::Next => marks,
                // `a[1:n]` is a slice.
                Key::Name(_) => {
                    self.dialect != Dialect::Postgres || matches!(params, Params::Names(_))
                }
                Key::Number(_) => true,
            })
            .collect();
        let plain = holes.iter().filter(|hole| hole.key == Key::Next).count();
        if plain > 0 && plain < holes.len() {
            return Err(refused(
                "query",
                "the statement mixes '?' with other marks of parameters",
            ));
        }
        let (mut sql, mut values) = (String::with_capacity(self.text.len()), Vec::new());
        let (mut copied, mut next, mut seen) = (0, 0, Vec::<Key>::new());
        for hole in holes {
            let key = match &hole.key {
                Key::Next => {
                    next += 1;
                    Key::Number(next - 1)
                }
                key => key.clone(),
            };
            let value = params.value(&key)?;
            sql.push_str(&self.text[copied..hole.start]);
            copied = hole.end;
            let known = seen.iter().position(|known| *known == key);
            let place = known.unwrap_or_else(|| {
                seen.push(key);
                seen.len() - 1
            });
            match self.dialect {
                Dialect::Mysql { .. } => {
                    sql.push('?');
                    values.push(value.clone());
                }
                // SQLite counts them itself, and calls a column without a name as it was written.
                Dialect::Sqlite if !matches!(hole.key, Key::Number(_)) => {
                    sql.push_str(&self.text[hole.start..hole.end]);
                    if known.is_none() {
                        values.push(value.clone());
                    }
                }
                dialect => {
                    let sign = if dialect == Dialect::Postgres {
                        '$'
                    } else {
                        '?'
                    };
                    sql.push(sign);
                    sql.push_str(&(place + 1).to_string());
                    if known.is_none() {
                        values.push(value.clone());
                    }
                }
            }
        }
        sql.push_str(&self.text[copied..]);
        params.check_used(&seen)?;
        Ok(Bound { sql, values })
    }
}

/// The parameters of a statement.
#[derive(Clone, Debug)]
pub(crate) enum Params {
    List(Vec<Value>),
    Names(llmspell_core::Map),
}

impl Params {
    /// Reads the parameter `params`: a list or an object.
    pub(crate) fn read(given: Option<Value>) -> Result<Self> {
        Ok(match given {
            None | Some(Value::Null) => Self::List(Vec::new()),
            Some(Value::List(values)) => Self::List(values),
            Some(Value::Map(names)) if names.is_empty() => Self::List(Vec::new()),
            Some(Value::Map(names)) => Self::Names(names),
            Some(value) => Self::List(vec![value]),
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::List(values) => values.is_empty(),
            Self::Names(_) => false,
        }
    }

    fn value(&self, key: &Key) -> Result<&Value> {
        match (self, key) {
            (Self::List(values), Key::Number(place)) => values.get(*place).ok_or_else(|| {
                let count = values.len();
                let message = format!(
                    "the statement wants parameter {}, but there are {count}",
                    place + 1
                );
                refused("params", message)
            }),
            (Self::Names(names), Key::Name(name)) => names.get(name).ok_or_else(|| {
                refused(
                    "params",
                    format!("the statement wants the parameter ':{name}'"),
                )
            }),
            (_, Key::Next) => Err(Error::new(Kind::Bug, "a mark without a number")),
            (Self::List(_), Key::Name(name)) => Err(refused(
                "params",
                format!(
                    "the statement wants ':{name}', so 'params' must be an object with that member"
                ),
            )),
            (Self::Names(_), Key::Number(_)) => Err(refused(
                "params",
                "the statement has '?' or '$1', so 'params' must be a list",
            )),
        }
    }

    fn check_used(&self, seen: &[Key]) -> Result<()> {
        match self {
            Self::List(values) => {
                let used = seen.iter().map(|key| match key {
                    Key::Number(place) => place + 1,
                    _ => 0,
                });
                let most = used.max().unwrap_or(0);
                if most < values.len() {
                    let count = values.len();
                    let message = format!(
                        "{count} parameters were given, but the statement has marks for {most}"
                    );
                    return Err(refused("params", message));
                }
            }
            Self::Names(names) => {
                let unused = names
                    .keys()
                    .find(|name| !seen.contains(&Key::Name(name.to_string())));
                if let Some(name) = unused {
                    let message = format!("the statement has no mark for the parameter ':{name}'");
                    return Err(refused("params", message));
                }
            }
        }
        Ok(())
    }
}
