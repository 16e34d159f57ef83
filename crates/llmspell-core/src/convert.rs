//! What the parameters of tools are converted to, which models and templates often write as text.

use serde_json::Value as Json;

use crate::shape::{Field, types};
use crate::value::Value;

impl Field {
    /// Converts text that wholly is a number or boolean, and a single value where only a list fits; also in the members of
    /// a table. What fits already stays.
    pub(crate) fn convert(&self, value: &mut Value) {
        if let (Some(shape), Value::Map(table)) = (&self.members, &mut *value) {
            for field in shape.fields() {
                if let Some(member) = table.get_mut(&field.name) {
                    field.convert(member);
                }
            }
        }
        if self.types.is_empty() || self.accepts(value) || value.is_null() {
            return;
        }
        let meant = value.as_str().and_then(|text| self.meant(text.trim()));
        if let Some(converted) = meant.or_else(|| self.as_item(value)) {
            *value = converted;
        }
    }

    /// Returns the number or boolean that a text wholly is, where text itself is not accepted.
    fn meant(&self, text: &str) -> Option<Value> {
        // A whole number stays one where any number is wanted.
        if (self.wants("integer") || self.wants("number"))
            && let Ok(number) = text.parse::<i64>()
        {
            return Some(number.into());
        }
        if self.wants("number")
            && let Some(number) = text.parse::<f64>().ok().filter(|number| number.is_finite())
        {
            return Some(number.into());
        }
        match text {
            "true" if self.wants("boolean") => Some(true.into()),
            "false" if self.wants("boolean") => Some(false.into()),
            _ => None,
        }
    }

    /// Returns the list of the one value, if such a list is what is wanted.
    fn as_item(&self, value: &Value) -> Option<Value> {
        if !self.wants("array") {
            return None;
        }
        let wanted = match array(&self.schema).map(|list| &list["items"]) {
            Some(items) if !items.is_null() => types(items),
            _ => Vec::new(),
        };
        // A list that takes anything is not more likely meant than what else is accepted.
        if wanted.is_empty() {
            return (self.types.len() == 1).then(|| Value::List(vec![value.clone()]));
        }
        let item = Self::of_types(wanted);
        let mut value = value.clone();
        item.convert(&mut value);
        item.accepts(&value).then(|| Value::List(vec![value]))
    }

    fn wants(&self, name: &str) -> bool {
        self.types.iter().any(|own| own == name)
    }

    /// Returns a nameless field, such as an item of a list.
    fn of_types(types: Vec<String>) -> Self {
        Self {
            name: String::new(),
            synonyms: Vec::new(),
            doc: String::new(),
            required: false,
            types,
            choices: Vec::new(),
            other_choices: Vec::new(),
            default: None,
            members: None,
            means: None,
            schema: Json::Null,
        }
    }
}

/// Returns the alternative of a schema that is a list.
fn array(schema: &Json) -> Option<&Json> {
    if schema.get("items").is_some() {
        return Some(schema);
    }
    let parts = ["anyOf", "oneOf"].into_iter();
    let mut parts = parts.flat_map(|keyword| schema[keyword].as_array().into_iter().flatten());
    parts.find_map(array)
}
