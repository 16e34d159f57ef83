//! `Hook.list`.

use llmspell_core::{Cx, Result, Value, bail};
use schemars::JsonSchema;
use serde::Deserialize;

use super::entry::{Entry, Info};
use super::hooks::Hooks;
use super::point::Point;

/// Lists the hooks in the order of the points, then of their priority.
#[derive(Deserialize, JsonSchema)]
pub(super) struct List {
    /// A point; or a table whose members must all hold.
    #[schemars(with = "PointOrFilter")]
    #[serde(default)]
    filter: Value,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "describes what a filter may be")]
enum PointOrFilter {
    Point(String),
    Filter(Filter),
    Nothing,
}

/// Which hooks are listed.
#[derive(Deserialize, JsonSchema)]
#[schemars(title = "HookFilter")]
struct Filter {
    /// Those of this point.
    #[schemars(extend("x-synonyms" = ["point"]))]
    hook_point: Option<String>,
    /// Those of this language.
    language: Option<String>,
    /// Those of this priority: `highest`, `high`, `normal`, `low`, `lowest`.
    priority: Option<String>,
    /// Those with a tag that contains this.
    tag: Option<String>,
}

pub(super) async fn list(cx: Cx, a: List) -> Result<Vec<Info>> {
    let wanted = match a.filter {
        Value::Null => Wanted::default(),
        Value::Str(point) => Wanted {
            point: Some(Point::parse(&point)?),
            ..Wanted::default()
        },
        filter @ Value::Map(_) => {
            let filter: Filter = filter.into_argument("filter")?;
            let lower = |text: Option<String>| text.map(|text| text.to_ascii_lowercase());
            Wanted {
                point: filter.hook_point.as_deref().map(Point::parse).transpose()?,
                language: lower(filter.language),
                priority: lower(filter.priority),
                tag: filter.tag,
            }
        }
        other => bail!(
            InvalidArgs,
            "hooks are listed by point or filter, got {}",
            other.type_name()
        ),
    };
    let all = cx.part::<Hooks>()?.all();
    let found = all.iter().filter(|entry| wanted.takes(entry));
    Ok(found.map(|entry| entry.info()).collect())
}

#[derive(Default)]
struct Wanted {
    point: Option<Point>,
    language: Option<String>,
    priority: Option<String>,
    tag: Option<String>,
}

impl Wanted {
    fn takes(&self, entry: &Entry) -> bool {
        let named = |priority: &String| {
            let number = match priority.as_str() {
                "highest" => i32::MIN,
                "high" => -100,
                "normal" => 0,
                "low" => 100,
                "lowest" => i32::MAX,
                _ => return false,
            };
            entry.priority == number
        };
        let tagged = |tag: &String| entry.tags.iter().any(|own| own.contains(tag.as_str()));
        self.point
            .as_ref()
            .is_none_or(|point| *point == entry.point)
            && self
                .language
                .as_ref()
                .is_none_or(|language| language == entry.language.lower())
            && self.priority.as_ref().is_none_or(named)
            && self.tag.as_ref().is_none_or(tagged)
    }
}
