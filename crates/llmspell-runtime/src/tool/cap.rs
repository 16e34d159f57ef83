//! Payloads that are larger than their reader wants.

use llmspell_core::{Map, Value};

/// Replaces the largest texts, bytes and lists of `payload` by `{truncated, size, preview}` until it fits into `max`
/// bytes of JSON text. Returns whether anything was replaced.
pub(super) fn fit(payload: &mut Value, max: usize, preview: usize) -> bool {
    let mut size = measure(payload);
    let mut cut = false;
    while size > max {
        let Some(largest) = largest(payload) else {
            break;
        };
        let before = measure(largest);
        let short = replacement(largest, before, preview.min(max / 2));
        let after = measure(&short);
        if after >= before {
            break;
        }
        *largest = short;
        size = size - before + after;
        cut = true;
    }
    cut
}

/// Returns about how many bytes the JSON text of `value` has.
pub(crate) fn measure(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Int(_) | Value::Float(_) => 8,
        Value::Str(text) => text.len() + 2,
        Value::Bytes(bytes) => bytes.len() / 3 * 4 + 2,
        Value::List(items) => items.iter().map(|item| measure(item) + 1).sum::<usize>() + 2,
        Value::Map(members) => {
            let one = |(name, value): (&String, &Value)| name.len() + measure(value) + 4;
            members.iter().map(one).sum::<usize>() + 2
        }
        Value::Handle(_) | Value::Function(_) => 64,
    }
}

/// Returns the largest replaceable field, looking into maps but not into lists.
fn largest(value: &mut Value) -> Option<&mut Value> {
    if matches!(value, Value::Str(_) | Value::Bytes(_) | Value::List(_)) {
        return Some(value);
    }
    match value {
        Value::Map(members) if !is_replacement(members) => members
            .values_mut()
            .filter_map(largest)
            .max_by_key(|field| measure(field)),
        _ => None,
    }
}

/// Returns whether a map is what [`replacement`] makes; many payloads have a member `truncated` of their own.
fn is_replacement(members: &Map) -> bool {
    let names = ["truncated", "size", "preview"];
    members.len() == names.len() && names.iter().all(|name| members.contains_key(*name))
}

fn replacement(value: &Value, size: usize, preview: usize) -> Value {
    let preview: Value = match value {
        Value::Str(text) => clip(text, preview).into(),
        Value::Bytes(bytes) => Value::Bytes(bytes[..preview.min(bytes.len())].to_vec()),
        Value::List(items) => {
            let mut room = preview;
            let first = items.iter().take_while(|item| {
                let size = measure(item) + 1;
                let fits = size <= room;
                room = room.saturating_sub(size);
                fits
            });
            first.cloned().collect()
        }
        _ => Value::Null,
    };
    Value::Map(Map::from_iter([
        ("truncated".to_owned(), true.into()),
        ("size".to_owned(), size.into()),
        ("preview".to_owned(), preview),
    ]))
}

/// Returns the first `max` bytes of `text`, or fewer so that no character is cut.
pub(super) fn clip(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_largest_field_goes_first() {
        let mut payload: Value = json!({"big": "x".repeat(1000), "small": "y", "n": 5}).into();
        assert!(fit(&mut payload, 200, 10));
        let cut = payload.to_serde_json();
        assert_eq!(
            cut["big"],
            json!({"truncated": true, "size": 1002, "preview": "xxxxxxxxxx"})
        );
        assert_eq!((&cut["small"], &cut["n"]), (&json!("y"), &json!(5)));
    }

    #[test]
    fn a_payload_that_fits_stays() {
        let mut payload: Value = json!({"a": [1, 2, 3]}).into();
        assert!(!fit(&mut payload, 100, 10));
    }

    #[test]
    fn lists_keep_their_first_items() {
        let mut payload: Value = Value::List(vec![Value::from("abcdefgh"); 100]);
        assert!(fit(&mut payload, 300, 40));
        let cut = payload.to_serde_json();
        assert_eq!(cut["preview"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn no_character_is_cut() {
        assert_eq!(clip("aé", 2), "a");
        assert_eq!(clip("aé", 3), "aé");
    }

    #[test]
    fn what_cannot_shrink_ends_the_work() {
        let many: Map = (0..100).map(|n| (n.to_string(), Value::Int(n))).collect();
        assert!(!fit(&mut Value::Map(many), 10, 5));
    }
}
