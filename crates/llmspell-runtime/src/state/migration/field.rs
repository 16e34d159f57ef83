//! Members of items by name; a dotted name leads into maps.

use llmspell_core::{Map, Result, Value, bail};

/// Returns a member.
pub(super) fn get<'a>(item: &'a Map, name: &str) -> Option<&'a Value> {
    if let Some(found) = item.get(name) {
        return Some(found);
    }
    let (outer, rest) = name.split_once('.')?;
    get(item.get(outer)?.as_map()?, rest)
}

/// Removes a member, and returns it.
pub(super) fn take(item: &mut Map, name: &str) -> Option<Value> {
    if item.contains_key(name) {
        return item.shift_remove(name);
    }
    let (outer, rest) = name.split_once('.')?;
    match item.get_mut(outer)? {
        Value::Map(inner) => take(inner, rest),
        _ => None,
    }
}

/// Gives a member a value, in place of the one it may have. Maps on the way are made.
///
/// - Errors: `InvalidArgs` if something on the way is no map.
pub(super) fn set(item: &mut Map, name: &str, value: Value) -> Result<()> {
    let Some((outer, rest)) = name.split_once('.').filter(|_| !item.contains_key(name)) else {
        item.insert(name, value);
        return Ok(());
    };
    match item.entry(outer).or_insert_with(|| Map::new().into()) {
        Value::Map(inner) => set(inner, rest, value),
        Value::List(items) if items.is_empty() => {
            item.insert(outer, Value::Map(Map::new()));
            set(item, name, value)
        }
        other => bail!(
            InvalidArgs,
            "'{outer}' must be a map to hold '{rest}', got {}",
            other.type_name()
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn dotted_names_lead_into_maps() {
        let mut item = Value::from(json!({"a": {"b": 1}, "c.d": 2}))
            .as_map()
            .unwrap()
            .clone();
        assert_eq!(get(&item, "a.b"), Some(&1.into()));
        assert_eq!(get(&item, "c.d"), Some(&2.into()));
        assert_eq!(get(&item, "a.b.c"), None);
        set(&mut item, "x.y.z", 3.into()).unwrap();
        set(&mut item, "c.d", 4.into()).unwrap();
        assert!(set(&mut item, "a.b.c", 5.into()).is_err());
        assert_eq!(take(&mut item, "a.b"), Some(1.into()));
        assert_eq!(take(&mut item, "a.b"), None);
        let left = json!({"a": {}, "c.d": 4, "x": {"y": {"z": 3}}});
        assert_eq!(Value::Map(item), left.into());
    }
}
