//! What a document says: its operations, how deep it is nested, and what is wrong with it.

use std::collections::{HashMap, HashSet};

use graphql_parser::Pos;
use graphql_parser::query::{
    Definition, OperationDefinition, Selection, SelectionSet, VariableDefinition, parse_query,
};
use llmspell_core::{Map, Outcome, Result, Value, error, nearest};

use crate::aside::aside;
use crate::param::{fits, refused};

/// Largest document, in bytes.
const MAX_DOCUMENT: usize = 1 << 20;

/// How deep a document may nest in one piece: the parser reads no more. Through fragments it may be deeper.
const MAX_NESTING: usize = 50;

/// Most fragments; one can lead to the next.
const MAX_FRAGMENTS: usize = 500;

/// A document, read.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) text: String,
    pub(super) operations: Vec<Operation>,
    /// Deepest nesting of fields, fragments included.
    pub(super) depth: usize,
    problems: Vec<Problem>,
}

/// An operation of a document.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Operation {
    pub(super) name: Option<String>,
    /// `query`, `mutation`, `subscription`.
    pub(super) kind: &'static str,
    pub(super) variables: Vec<String>,
    line: usize,
    column: usize,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq)]
struct Problem {
    message: String,
    line: usize,
    column: usize,
}

impl Problem {
    fn new(message: impl Into<String>, at: Pos) -> Self {
        Self {
            message: message.into(),
            line: at.line,
            column: at.column,
        }
    }

    fn into_value(self) -> Value {
        Value::from([
            ("message", self.message.into()),
            ("line", self.line.into()),
            ("column", self.column.into()),
        ])
    }
}

impl Document {
    /// Reads a document; what is wrong with it is kept.
    ///
    /// - Errors: `Limit` for one that is too large.
    pub(super) async fn read(text: String) -> Result<Self> {
        fits("input", text.len(), MAX_DOCUMENT)?;
        aside(text.len(), move || Ok(examine(text))).await
    }

    /// Checks that nothing is wrong.
    ///
    /// - Errors: `InvalidArgs` with the place of the first problem; `Limit` for one that nests too deeply to be read.
    pub(super) fn sound(&self) -> Result<()> {
        let Some(Problem {
            message,
            line,
            column,
        }) = self.problems.first()
        else {
            return Ok(());
        };
        if message.contains("Recursion limit") {
            return Err(error!(
                Limit,
                "the document is nested deeper in one piece than {MAX_NESTING} levels, whatever `max_depth` says"
            )
            .with("limit", MAX_NESTING)
            .hint("move what is nested deeper into a fragment"));
        }
        let message =
            format!("the document is not valid at line {line}, column {column}: {message}");
        Err(refused("input", message)
            .with("line", *line)
            .with("column", *column))
    }

    /// Returns the operation of this name, or the only one.
    pub(super) fn choose(&self, name: Option<&str>) -> Result<&Operation> {
        let names = || {
            self.operations
                .iter()
                .filter_map(|operation| operation.name.as_deref())
        };
        let unknown = |message: String| {
            let listed: Vec<_> = names().collect();
            refused("operation_name", message).hint(format!("there are: {}", listed.join(", ")))
        };
        match (name, self.operations.as_slice()) {
            (None, [only]) => Ok(only),
            (None, []) => Err(refused(
                "input",
                "the document has no operation, only fragments",
            )),
            (None, _) => Err(unknown(
                "the document has several operations: give operation_name".into(),
            )),
            (Some(name), operations) => {
                let found = operations
                    .iter()
                    .find(|operation| operation.name.as_deref() == Some(name));
                found.ok_or_else(|| match nearest(name, names()).first() {
                    Some(near) => {
                        let message = format!("the document has no operation '{name}'");
                        refused("operation_name", message).hint(format!("did you mean '{near}'?"))
                    }
                    None => unknown(format!("the document has no operation '{name}'")),
                })
            }
        }
    }
}

/// The operation `validate`.
pub(super) async fn validate(text: String, max_depth: usize) -> Result<Outcome> {
    let mut document = Document::read(text).await?;
    if document.depth > max_depth {
        let message = format!(
            "nested {} levels deep, more than {max_depth}",
            document.depth
        );
        document
            .problems
            .push(Problem::new(message, Pos { line: 1, column: 1 }));
    }
    let valid = document.problems.is_empty();
    let operations = document.operations.iter().map(|operation| {
        Value::from([
            ("name", operation.name.as_deref().into()),
            ("type", operation.kind.into()),
            ("line", operation.line.into()),
            ("column", operation.column.into()),
        ])
    });
    let message = match document.problems.first() {
        None => "The document is valid".to_owned(),
        Some(Problem {
            message,
            line,
            column,
        }) => {
            format!("The document is not valid at line {line}, column {column}: {message}")
        }
    };
    let data = Map::from([
        ("valid", valid.into()),
        ("operations", operations.collect()),
        ("depth", document.depth.into()),
        (
            "errors",
            document
                .problems
                .into_iter()
                .map(Problem::into_value)
                .collect(),
        ),
    ]);
    Ok(Outcome::new("validate", data)
        .output(valid)
        .message(message))
}

type Set<'a> = SelectionSet<'a, &'a str>;

fn examine(text: String) -> Document {
    let mut document = Document::default();
    match parse_query::<&str>(&text) {
        Err(failure) => document.problems.push(unreadable(&failure.to_string())),
        Ok(parsed) => study(&parsed.definitions, &mut document),
    }
    document.text = text;
    document
}

fn study<'a>(definitions: &[Definition<'a, &'a str>], document: &mut Document) {
    let mut fragments = Fragments::default();
    for definition in definitions {
        if let Definition::Fragment(fragment) = definition
            && fragments
                .sets
                .insert(fragment.name, &fragment.selection_set)
                .is_some()
        {
            let message = format!("there are two fragments '{}'", fragment.name);
            document
                .problems
                .push(Problem::new(message, fragment.position));
        }
    }
    if fragments.sets.len() > MAX_FRAGMENTS {
        let message = format!("there are more than {MAX_FRAGMENTS} fragments");
        document
            .problems
            .push(Problem::new(message, Pos { line: 1, column: 1 }));
        return;
    }
    let mut names = HashSet::new();
    for definition in definitions {
        let set = match definition {
            Definition::Fragment(fragment) => &fragment.selection_set,
            Definition::Operation(operation) => {
                let (own, set) = summary(operation);
                if let Some(name) = &own.name
                    && !names.insert(name.clone())
                {
                    let message = format!("there are two operations '{name}'");
                    let at = Pos {
                        line: own.line,
                        column: own.column,
                    };
                    document.problems.push(Problem::new(message, at));
                }
                document.operations.push(own);
                set
            }
        };
        let depth = fragments.depth(set);
        if matches!(definition, Definition::Operation(_)) {
            document.depth = document.depth.max(depth);
        }
    }
    if let Some(nameless) = document
        .operations
        .iter()
        .find(|operation| operation.name.is_none())
        && document.operations.len() > 1
    {
        let at = Pos {
            line: nameless.line,
            column: nameless.column,
        };
        document.problems.push(Problem::new(
            "an operation without a name must be the only one",
            at,
        ));
    }
    document.problems.append(&mut fragments.problems);
}

fn summary<'a, 'b>(operation: &'b OperationDefinition<'a, &'a str>) -> (Operation, &'b Set<'a>) {
    let of = |kind, at: Pos, name: Option<&str>, variables: &[VariableDefinition<'a, &'a str>]| {
        Operation {
            name: name.map(str::to_owned),
            kind,
            variables: variables
                .iter()
                .map(|variable| variable.name.to_owned())
                .collect(),
            line: at.line,
            column: at.column,
        }
    };
    match operation {
        OperationDefinition::SelectionSet(set) => (of("query", set.span.0, None, &[]), set),
        OperationDefinition::Query(own) => (
            of("query", own.position, own.name, &own.variable_definitions),
            &own.selection_set,
        ),
        OperationDefinition::Mutation(own) => (
            of(
                "mutation",
                own.position,
                own.name,
                &own.variable_definitions,
            ),
            &own.selection_set,
        ),
        OperationDefinition::Subscription(own) => (
            of(
                "subscription",
                own.position,
                own.name,
                &own.variable_definitions,
            ),
            &own.selection_set,
        ),
    }
}

/// The fragments of a document; each is measured once.
#[derive(Default)]
struct Fragments<'a, 'b> {
    sets: HashMap<&'a str, &'b Set<'a>>,
    depths: HashMap<&'a str, usize>,
    open: HashSet<&'a str>,
    problems: Vec<Problem>,
}

impl<'a> Fragments<'a, '_> {
    /// Returns how deep the fields of a selection are nested; one level if none of them has fields.
    fn depth(&mut self, set: &Set<'a>) -> usize {
        let mut deepest = 0;
        for item in &set.items {
            let depth = match item {
                Selection::Field(field) => 1 + self.depth(&field.selection_set),
                Selection::InlineFragment(inline) => self.depth(&inline.selection_set),
                Selection::FragmentSpread(spread) => {
                    self.spread(spread.fragment_name, spread.position)
                }
            };
            deepest = deepest.max(depth);
        }
        deepest
    }

    fn spread(&mut self, name: &'a str, at: Pos) -> usize {
        if let Some(known) = self.depths.get(name) {
            return *known;
        }
        let Some(set) = self.sets.get(name).copied() else {
            self.problems
                .push(Problem::new(format!("there is no fragment '{name}'"), at));
            return 0;
        };
        if !self.open.insert(name) {
            self.problems.push(Problem::new(
                format!("fragment '{name}' contains itself"),
                at,
            ));
            return 0;
        }
        let depth = self.depth(set);
        self.open.remove(name);
        self.depths.insert(name, depth);
        depth
    }
}

/// Reads the place and the reasons off the parser's message.
fn unreadable(message: &str) -> Problem {
    let mut lines = message.lines();
    let place = lines
        .next()
        .and_then(|line| line.rsplit(' ').next())
        .unwrap_or_default();
    let (line, column) = place.split_once(':').unwrap_or_default();
    let reasons: Vec<_> = lines
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let reasons = match reasons.is_empty() {
        true => message.to_owned(),
        false => reasons.join(", "),
    };
    Problem {
        message: reasons,
        line: line.parse().unwrap_or(1),
        column: column.parse().unwrap_or(1),
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use llmspell_core::Kind;

    use super::*;

    fn read(text: &str) -> Document {
        block_on(Document::read(text.to_owned())).unwrap()
    }

    fn complaint(text: &str) -> String {
        read(text).sound().unwrap_err().message().to_owned()
    }

    #[test]
    fn operations_and_depth_are_read() {
        let document = read(
            "query A($after: String, $n: Int) { a { b { c } d } } mutation B { e } subscription C { f }",
        );
        document.sound().unwrap();
        assert_eq!(document.depth, 3);
        let kinds: Vec<_> = document
            .operations
            .iter()
            .map(|own| (own.kind, own.name.as_deref()))
            .collect();
        assert_eq!(
            kinds,
            [
                ("query", Some("A")),
                ("mutation", Some("B")),
                ("subscription", Some("C"))
            ]
        );
        assert_eq!(document.operations[0].variables, ["after", "n"]);
        assert_eq!(document.choose(Some("B")).unwrap().kind, "mutation");
        assert_eq!(
            document.choose(None).unwrap_err().message(),
            "the document has several operations: give operation_name"
        );
        assert_eq!(
            document.choose(Some("Bb")).unwrap_err().message(),
            "the document has no operation 'Bb'"
        );
        assert_eq!(read("{ a }").choose(None).unwrap().kind, "query");
        assert_eq!(
            read("fragment F on T { a }")
                .choose(None)
                .unwrap_err()
                .kind(),
            Kind::InvalidArgs
        );
    }

    #[test]
    fn fragments_count_where_they_are_spread() {
        let document = read(
            "{ a { ...F ... on T { x { y } } } } fragment F on T { b { ...G } } fragment G on T { c { d } }",
        );
        document.sound().unwrap();
        assert_eq!(document.depth, 4);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        assert_eq!(
            complaint("query {\n  field([x])\n}"),
            "the document is not valid at line 2, column 9: Unexpected `[[Punctuator]`, Expected Name"
        );
        assert!(
            complaint("querry A { a }")
                .starts_with("the document is not valid at line 1, column 1: Unexpected")
        );
        assert_eq!(
            complaint("{ ...F }"),
            "the document is not valid at line 1, column 6: there is no fragment 'F'"
        );
        assert!(
            complaint("{ ...F } fragment F on T { ...F }").contains("fragment 'F' contains itself")
        );
        assert!(complaint("query A { a } query A { b }").contains("there are two operations 'A'"));
        assert!(
            complaint("{ a } query A { b }")
                .contains("an operation without a name must be the only one")
        );
        assert!(complaint("").contains("not valid"));
    }

    #[test]
    fn hostile_documents_are_bounded() {
        let deep = "{a".repeat(10_000) + &"}".repeat(10_000);
        assert_eq!(read(&deep).sound().unwrap_err().kind(), Kind::Limit);
        let chain: String = (0..10_000)
            .map(|n| format!("fragment F{n} on T {{ ...F{} }}\n", n + 1))
            .collect();
        assert!(complaint(&format!("{{ ...F0 }} {chain}")).contains("more than 500 fragments"));
        let twice: String = (0..100)
            .map(|n| {
                format!(
                    "fragment F{n} on T {{ a {{ ...F{0} }} b {{ ...F{0} }} }}\n",
                    n + 1
                )
            })
            .collect();
        let document = read(&format!("{{ ...F0 }} {twice} fragment F100 on T {{ a }}"));
        assert_eq!(document.depth, 101);
        let large = block_on(Document::read("#".repeat(MAX_DOCUMENT + 1)));
        assert_eq!(large.unwrap_err().kind(), Kind::Limit);
    }
}
