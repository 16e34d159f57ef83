//! What models can do and what they cost: the catalogue.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use llmspell_core::Usage;

/// One model of a provider: a row of the catalogue, or of `models` in a provider's configuration.
///
/// - Units: tokens; US dollars per million tokens. What is absent is unknown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ModelInfo {
    /// The provider's id of the model.
    pub id: String,
    /// Most tokens of prompt and answer together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<u64>,
    /// Most tokens of an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output: Option<u64>,
    /// Price of prompt tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_price: Option<f64>,
    /// Price of answer tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_price: Option<f64>,
    /// Price of prompt tokens read from the provider's cache; that of other prompt tokens if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_price: Option<f64>,
    /// Price of prompt tokens written to the provider's cache; that of other prompt tokens if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write_price: Option<f64>,
    /// Words for what it can do: `tools image audio video document reasoning structured`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Vec<String>>,
}

impl ModelInfo {
    /// Returns whether the model can do what the word says; `None` if the catalogue does not know the model.
    pub fn can(&self, capability: &str) -> Option<bool> {
        let known = self.capabilities.as_ref()?;
        Some(known.iter().any(|word| word == capability))
    }

    /// Returns what `usage` costs, if both the prices and the tokens are known.
    pub fn cost(&self, usage: &Usage) -> Option<f64> {
        let (input_price, output_price) = (self.input_price?, self.output_price?);
        let (input, output) = (usage.input_tokens?, usage.output_tokens?);
        let cached = usage.cached_tokens.unwrap_or(0).min(input);
        let written = usage
            .cache_write_tokens
            .unwrap_or(0)
            .min(input.saturating_sub(cached));
        let plain = input - cached - written;
        let dollars = plain as f64 * input_price
            + cached as f64 * self.cached_price.unwrap_or(input_price)
            + written as f64 * self.cache_write_price.unwrap_or(input_price)
            + output as f64 * output_price;
        Some(dollars / 1e6)
    }

    /// Lays the known fields of `over` over this row.
    #[must_use]
    pub fn with(mut self, over: &Self) -> Self {
        let Self {
            id,
            context,
            max_output,
            input_price,
            output_price,
            cached_price,
            cache_write_price,
            capabilities,
        } = over;
        self.id.clone_from(id);
        self.context = context.or(self.context);
        self.max_output = max_output.or(self.max_output);
        self.input_price = input_price.or(self.input_price);
        self.output_price = output_price.or(self.output_price);
        self.cached_price = cached_price.or(self.cached_price);
        self.cache_write_price = cache_write_price.or(self.cache_write_price);
        self.capabilities = capabilities.clone().or(self.capabilities);
        self
    }
}

type Rows = &'static [ModelInfo];

/// The data file, split by provider type; each type's rows are read when first asked for.
static SECTIONS: LazyLock<HashMap<&'static str, &'static RawValue>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/prices.json"))
        .expect("data/prices.json is an object of lists; a unit test reads all of it")
});

static READ: Mutex<Option<HashMap<&'static str, Rows>>> = Mutex::new(None);

/// Returns the catalogue's rows of a provider type, sorted by id.
pub(crate) fn catalogue(provider_type: &str) -> Rows {
    let Some((&name, raw)) = SECTIONS.get_key_value(provider_type) else {
        return &[];
    };
    let mut read = READ.lock();
    read.get_or_insert_default().entry(name).or_insert_with(|| {
        let rows: Vec<ModelInfo> = serde_json::from_str(raw.get())
            .expect("data/prices.json holds rows; a unit test reads all of it");
        Vec::leak(rows)
    })
}

/// Returns what is known about a model: the catalogue's row, corrected by `overrides`.
///
/// A dated id (`gpt-4o-2024-08-06`, `claude-sonnet-4-5-20250929`) that has no row of its own takes the row of the
/// undated one.
pub(crate) fn lookup(provider_type: &str, model: &str, overrides: &[ModelInfo]) -> ModelInfo {
    let rows = catalogue(provider_type);
    let row = |id: &str| rows.iter().find(|row| row.id == id);
    let known = row(model).or_else(|| row(&undated(model)?));
    let info = ModelInfo {
        id: model.to_owned(),
        ..known.cloned().unwrap_or_default()
    };
    match overrides.iter().find(|over| over.id == model) {
        Some(over) => info.with(over),
        None => info,
    }
}

/// Removes a date or `-latest` from the end of a model id.
fn undated(model: &str) -> Option<Cow<'_, str>> {
    if let Some(plain) = model.strip_suffix("-latest") {
        return Some(plain.into());
    }
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let mut words = model.rsplitn(4, '-');
    let (day, month, year) = (words.next()?, words.next()?, words.next());
    if digits(day, 8) {
        return Some(model[..model.len() - 9].into());
    }
    if digits(day, 2) && digits(month, 2) && year.is_some_and(|year| digits(year, 4)) {
        return Some(model[..model.len() - 11].into());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider;

    fn priced(input: f64, output: f64) -> ModelInfo {
        ModelInfo {
            input_price: Some(input),
            output_price: Some(output),
            ..ModelInfo::default()
        }
    }

    fn used(input: Option<u64>, output: Option<u64>) -> Usage {
        Usage {
            input_tokens: input,
            output_tokens: output,
            ..Usage::default()
        }
    }

    #[test]
    fn every_section_is_a_known_type_with_unique_rows() {
        for name in SECTIONS.keys() {
            assert!(provider::find(name).is_some(), "{name}");
            let rows = catalogue(name);
            assert!(!rows.is_empty());
            for row in rows {
                assert_eq!(rows.iter().filter(|other| other.id == row.id).count(), 1);
                assert_eq!(row.input_price.is_some(), row.output_price.is_some());
            }
        }
    }

    #[test]
    fn cached_tokens_are_charged_once() {
        let info = ModelInfo {
            cached_price: Some(0.5),
            cache_write_price: Some(4.0),
            ..priced(2.0, 8.0)
        };
        let usage = Usage {
            cached_tokens: Some(600_000),
            cache_write_tokens: Some(100_000),
            ..used(Some(1_000_000), Some(100_000))
        };
        // 0.3 M plain, 0.6 M cached, 0.1 M written, 0.1 M out
        let cost = info.cost(&usage).unwrap();
        assert!((cost - (0.6 + 0.3 + 0.4 + 0.8)).abs() < 1e-9, "{cost}");
    }

    #[test]
    fn unknown_stays_unknown() {
        assert_eq!(priced(1.0, 1.0).cost(&used(None, Some(5))), None);
        assert_eq!(priced(1.0, 1.0).cost(&used(Some(5), None)), None);
        assert_eq!(ModelInfo::default().cost(&used(Some(5), Some(5))), None);
        assert_eq!(lookup("openai", "no-such-model", &[]).input_price, None);
    }

    #[test]
    fn more_cached_than_sent_does_not_wrap() {
        let usage = Usage {
            cached_tokens: Some(50),
            ..used(Some(10), Some(0))
        };
        assert_eq!(priced(1.0, 1.0).cost(&usage), Some(10.0 / 1e6));
    }

    #[test]
    fn dated_ids_take_the_row_of_the_undated_one() {
        assert_eq!(undated("gpt-4o-mini-2024-07-18").unwrap(), "gpt-4o-mini");
        assert_eq!(undated("claude-x-20250929").unwrap(), "claude-x");
        assert_eq!(undated("grok-9-latest").unwrap(), "grok-9");
        assert_eq!(undated("gpt-4o-mini"), None);
        assert_eq!(undated("llama3"), None);
        let plain = lookup("openai", "gpt-4o-mini", &[]);
        let dated = lookup("openai", "gpt-4o-mini-2024-07-18", &[]);
        assert_eq!(dated.input_price, plain.input_price);
        assert_eq!(dated.id, "gpt-4o-mini-2024-07-18");
    }

    #[test]
    fn configuration_corrects_a_row_field_by_field() {
        let over = ModelInfo {
            id: "gpt-4o-mini".into(),
            output_price: Some(99.0),
            ..ModelInfo::default()
        };
        let info = lookup("openai", "gpt-4o-mini", &[over]);
        assert_eq!(info.output_price, Some(99.0));
        assert!(info.input_price.is_some() && info.context.is_some());
    }
}
