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
    /// A point; or a table with `hook_point`, `language`, `priority`, `tag`, which must all hold.
    #[serde(default)]
    filter: Value,
}

pub(super) async fn list(cx: Cx, a: List) -> Result<Vec<Info>> {
    let wanted = match a.filter {
        Value::Null => Wanted::default(),
        Value::Str(point) => Wanted {
            point: Some(Point::parse(&point)?),
            ..Wanted::default()
        },
        Value::Map(filter) => {
            let text = |name: &str| filter.get(name).and_then(Value::as_str);
            let point = text("hook_point")
                .or_else(|| text("hookPoint"))
                .or_else(|| text("point"));
            let lower = |name: &str| text(name).map(str::to_ascii_lowercase);
            Wanted {
                point: point.map(Point::parse).transpose()?,
                language: lower("language"),
                priority: lower("priority"),
                tag: text("tag").map(str::to_owned),
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
