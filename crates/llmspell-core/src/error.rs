//! The one public error of the runtime.
//!
//! Reporting and branching are different jobs: callers branch on [`Kind`], people read the message, the context and
//! the hints. The kinds and their exit codes are those that scripts and the command line see.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use crate::value::{Map, Value};

/// The result type used throughout the runtime.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Whether repeating the same call can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The same call fails again.
    No,
    /// The same call may succeed.
    Yes,
    /// The same call may succeed after the delay in the error's `retry_after_ms`, or after a backoff.
    After,
    /// Only if the error says so (see [`Error::transient`]).
    Maybe,
}

macro_rules! kinds {
    ($( $(#[doc = $doc:literal])+ $variant:ident => ($name:literal, $retry:ident, $exit:literal, $told:literal), )+) => {
        /// What an error means to a caller. Each kind is one row: name, retry, exit code, text told to a model.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Kind { $( $(#[doc = $doc])+ $variant, )+ }

        impl Kind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Kind] = &[ $( Kind::$variant, )+ ];

            /// Returns the stable name that scripts and JSON output see.
            pub const fn name(self) -> &'static str { match self { $( Kind::$variant => $name, )+ } }

            /// Returns whether retry rules may repeat a call that failed so.
            pub const fn retry(self) -> Retry { match self { $( Kind::$variant => Retry::$retry, )+ } }

            /// Returns the exit code of a process whose run ended with this kind uncaught.
            pub const fn exit_code(self) -> u8 { match self { $( Kind::$variant => $exit, )+ } }

            /// Returns the sentence told to a model beside the message.
            pub const fn told(self) -> &'static str { match self { $( Kind::$variant => $told, )+ } }
        }
    };
}

kinds! {
    /// An argument is missing, ill-typed or out of range.
    InvalidArgs  => ("invalid_args",  No,    1,   "the arguments were not valid"),
    /// The named thing does not exist.
    NotFound     => ("not_found",     No,    1,   "that does not exist"),
    /// The name is taken.
    Exists       => ("exists",        No,    1,   "that exists already"),
    /// The call is not possible in this state.
    InvalidState => ("invalid_state", No,    1,   "that is not possible in the present state"),
    /// The policy or the sandbox refuses.
    Denied       => ("denied",        No,    77,  "the policy does not allow this"),
    /// A user, a hook or a parent's deadline stopped it.
    Cancelled    => ("cancelled",     No,    130, "it was cancelled"),
    /// A feature is disabled or a service cannot be used.
    Unavailable  => ("unavailable",   No,    69,  "that is not available"),
    /// A configuration value is wrong or missing.
    Config       => ("config",        No,    78,  "the configuration is not valid"),
    /// An API key is missing or refused.
    Auth         => ("auth",          No,    69,  "the service refused the credentials"),
    /// A budget, count or size limit was reached.
    Limit        => ("limit",         No,    75,  "a budget or limit was reached"),
    /// It took longer than its limit.
    Timeout      => ("timeout",       Yes,   73,  "it took too long"),
    /// A local or remote limiter asked to slow down.
    RateLimited  => ("rate_limited",  After, 69,  "the service asked us to slow down"),
    /// A remote service failed.
    Remote       => ("remote",        Maybe, 69,  "the remote service failed"),
    /// A text is not valid JSON, template, expression or date.
    Parse        => ("parse",         No,    1,   "the text could not be parsed"),
    /// A concurrent change won.
    Conflict     => ("conflict",      Yes,   1,   "a concurrent change won"),
    /// A function of the script raised.
    Script       => ("script",        Yes,   1,   "a function of the script failed"),
    /// Stored data is damaged.
    Corrupt      => ("corrupt",       No,    1,   "stored data is damaged"),
    /// The operating system failed.
    Io           => ("io",            Maybe, 1,   "the operating system reported a failure"),
    /// The work itself failed: a division by zero, a template error.
    Execution    => ("execution",     No,    1,   "the work itself failed"),
    /// A defect in the runtime.
    Bug          => ("bug",           No,    70,  "an internal error happened"),
}

impl Kind {
    /// Returns the kind with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The fact by which a recorded error says that it is about the shape of the arguments: that has to survive the journal.
const MISSHAPEN: &str = "misshapen";

/// A failure, with everything that a person, a script or a model needs to go on.
///
/// Messages are lower case unless they start with a name, have no trailing stop, name the thing (`Tool 'x' not
/// found`) and never contain a secret.
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    message: Cow<'static, str>,
    op: Option<String>,
    hints: Vec<String>,
    details: Map,
    transient: Option<bool>,
    misshapen: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Creates an error of `kind`.
    pub fn new(kind: Kind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            op: None,
            hints: Vec::new(),
            details: Map::new(),
            transient: None,
            misshapen: false,
            source: None,
        }))
    }

    /// Names the op that failed. The innermost name stays: a second call changes nothing.
    #[must_use]
    pub fn op(mut self, op: impl Into<String>) -> Self {
        if self.0.op.is_none() {
            self.0.op = Some(op.into());
        }
        self
    }

    /// Names the op that failed, in place of any other name.
    #[must_use]
    pub fn with_op(mut self, op: impl Into<String>) -> Self {
        self.0.op = Some(op.into());
        self
    }

    /// Says it in other words; all the rest stays.
    #[must_use]
    pub fn reworded(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.message = message.into();
        self
    }

    /// Says that the arguments have the wrong shape: something is missing or has the wrong type.
    ///
    /// What calls a tool raises such an error, while other failures of a tool are its answer.
    #[must_use]
    pub fn misshapen(mut self) -> Self {
        self.0.misshapen = true;
        self
    }

    /// Adds one fact to `details`. An existing fact of that name stays.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        if self.0.details.get(name).is_none() {
            self.0.details.insert(name, value.into());
        }
        self
    }

    /// Adds one fact to `details`, in place of an existing one of that name.
    #[must_use]
    pub fn with_new(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.details.insert(name, value.into());
        self
    }

    /// Adds a way out, as a sentence fragment: `did you mean 'content'?`.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hints.push(hint.into());
        self
    }

    /// Says whether repeating the call can help, for the kinds whose table row says `Maybe`.
    #[must_use]
    pub fn transient(mut self, transient: bool) -> Self {
        self.0.transient = Some(transient);
        self
    }

    /// Keeps the error that caused this one.
    #[must_use]
    pub fn source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Returns what the error means.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Returns the sentence for people.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the op that failed, if one was under way.
    pub fn op_name(&self) -> Option<&str> {
        self.0.op.as_deref()
    }

    /// Returns the message without the hint that it may end with, for who shows hints beside it.
    pub fn message_alone(&self) -> &str {
        let message = self.message();
        let without = |hint: &String| {
            let rest = message.strip_suffix(')')?.strip_suffix(hint.as_str())?;
            rest.strip_suffix(" (")
        };
        self.0.hints.iter().find_map(without).unwrap_or(message)
    }

    /// Returns the ways out.
    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }

    /// Returns the facts around the failure.
    pub fn details(&self) -> &Map {
        &self.0.details
    }

    /// Returns whether the arguments had the wrong shape (see [`Error::misshapen`]).
    pub fn is_misshapen(&self) -> bool {
        self.0.misshapen
    }

    /// Returns whether a retry rule may repeat the call.
    pub fn is_retryable(&self) -> bool {
        match self.0.kind.retry() {
            Retry::No => false,
            Retry::Yes | Retry::After => self.0.transient.unwrap_or(true),
            Retry::Maybe => self.0.transient.unwrap_or(false),
        }
    }

    /// Returns the error as the object that scripts, models and JSON output see:
    /// `{kind, message, op, hints, details}`.
    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        map.insert("kind", Value::from(self.0.kind.name()));
        map.insert("message", Value::from(&*self.0.message));
        map.insert("op", self.0.op.as_deref().map_or(Value::Null, Value::from));
        map.insert(
            "hints",
            self.0
                .hints
                .iter()
                .map(|hint| Value::from(hint.as_str()))
                .collect(),
        );
        map.insert("details", Value::Map(self.0.details.clone()));
        Value::Map(map)
    }

    /// As [`to_value`](Self::to_value), with what only the runtime goes by, for what is read by [`from_value`](Self::from_value)
    /// again.
    pub fn to_record(&self) -> Value {
        let mut record = self.to_value();
        if self.0.misshapen
            && let Value::Map(members) = &mut record
            && let Some(Value::Map(details)) = members.get_mut("details")
        {
            details.insert(MISSHAPEN, true.into());
        }
        record
    }

    /// Restores an error from its object form, for errors that were journaled or crossed a process border.
    ///
    /// An unknown kind becomes [`Kind::Corrupt`], never silently another meaning.
    pub fn from_value(value: &Value) -> Self {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let Some(kind) = text("kind").and_then(Kind::from_name) else {
            return Self::new(Kind::Corrupt, "a stored error has no known kind")
                .with("stored", value.clone());
        };
        let mut error = Self::new(kind, text("message").unwrap_or_default().to_owned());
        error.0.op = text("op").map(str::to_owned);
        if let Some(Value::List(hints)) = value.get("hints") {
            error.0.hints = hints
                .iter()
                .filter_map(|hint| hint.as_str().map(str::to_owned))
                .collect();
        }
        if let Some(Value::Map(details)) = value.get("details") {
            error.0.details = details.clone();
            let fact = error.0.details.shift_remove(MISSHAPEN);
            error.0.misshapen = fact == Some(Value::Bool(true));
        }
        error
    }
}

/// The one-line form: `<op>: <message>`.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.op {
            Some(op) => write!(f, "{op}: {}", self.0.message),
            None => f.write_str(&self.0.message),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: {self}", self.0.kind)?;
        for (name, value) in self.0.details.iter() {
            write!(f, "\n  {name}: {value}")?;
        }
        for hint in &self.0.hints {
            write!(f, "\n  help: {hint}")?;
        }
        let mut cause = self
            .0
            .source
            .as_deref()
            .map(|source| source as &dyn StdError);
        while let Some(source) = cause {
            write!(f, "\n  caused by: {source}")?;
            cause = source.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

impl Clone for Error {
    /// Copies everything but the source, whose text is kept as the detail `cause`.
    fn clone(&self) -> Self {
        let mut copy = Self(Box::new(Inner {
            kind: self.0.kind,
            message: self.0.message.clone(),
            op: self.0.op.clone(),
            hints: self.0.hints.clone(),
            details: self.0.details.clone(),
            transient: self.0.transient,
            misshapen: self.0.misshapen,
            source: None,
        }));
        if let Some(source) = &self.0.source {
            copy = copy.with("cause", source.to_string());
        }
        copy
    }
}

impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        self.to_record() == other.to_record()
    }
}

/// Returns an error of the named kind from inside a function: `bail!(NotFound, "no tool named '{name}'")`.
#[macro_export]
macro_rules! bail {
    ($kind:ident, $($format:tt)+) => {
        return Err($crate::Error::new($crate::Kind::$kind, format!($($format)+)))
    };
}

/// Makes an error of the named kind: `error!(NotFound, "no tool named '{name}'")`.
#[macro_export]
macro_rules! error {
    ($kind:ident, $($format:tt)+) => {
        $crate::Error::new($crate::Kind::$kind, format!($($format)+))
    };
}

/// Returns `names` nearest to `name`, best first, at most three, for "did you mean" hints.
pub fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let folded = name.to_ascii_lowercase().replace('-', "_");
    let mut scored: Vec<(f64, &str)> = names
        .into_iter()
        .map(|candidate| {
            (
                strsim::jaro_winkler(&folded, &candidate.to_ascii_lowercase()),
                candidate,
            )
        })
        .filter(|(score, _)| *score >= 0.8)
        .collect();
    scored.sort_by(|left, right| right.0.total_cmp(&left.0));
    scored
        .into_iter()
        .take(3)
        .map(|(_, candidate)| candidate)
        .collect()
}
