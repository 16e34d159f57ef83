//! `llmspell providers`.

use clap::Args;
use llmspell::World;
use llmspell::config::Loaded;
use llmspell_core::{Map, Result, Value};
use llmspell_model::{ProviderInfo, ProviderType, TYPES};
use llmspell_script::Script;
use serde_json::{Value as Json, json};

use super::unrecorded;
use crate::desk::Desk;
use crate::exit::Ends;
use crate::output::Mode;
use crate::output::table::{Align, Column, table};

/// List model providers.
#[derive(Args, Debug)]
pub(crate) struct Providers {
    /// Also addresses, abilities and models
    #[arg(long)]
    detailed: bool,
    /// Ask each provider that can be used for one short answer
    #[arg(long)]
    check: bool,
}

/// Asks each provider that has a key and returns their names and how it went, for `validate --check-providers`.
pub(crate) fn checked(loaded: &Loaded) -> Result<Vec<(String, Json)>> {
    let list = llmspell::providers(loaded)?.list();
    let checks = check(&list, loaded)?;
    let names = list.into_iter().map(|info| info.name);
    Ok(names
        .zip(checks)
        .filter(|(_, check)| !check.is_null())
        .collect())
}

pub(crate) fn providers(args: Providers, mut desk: Desk) -> Ends {
    let loaded = desk.load(Vec::new())?;
    let list = llmspell::providers(&loaded)?.list();
    let checks = match args.check {
        true => check(&list, &loaded)?,
        false => vec![Json::Null; list.len()],
    };
    let failed = checks.iter().any(|check| check["ok"] == false);
    if desk.screen.mode == Mode::Json {
        desk.screen.document(
            &list
                .iter()
                .zip(&checks)
                .map(|(info, check)| document(info, check))
                .collect(),
        );
    } else {
        show(&list, &checks, &args, &desk);
    }
    Ok(u8::from(failed))
}

fn document(info: &ProviderInfo, check: &Json) -> Json {
    let mut document = serde_json::to_value(info).unwrap_or_default();
    document["key"] = json!(key(info));
    if !check.is_null() {
        document["check"] = check.clone();
    }
    document
}

fn show(list: &[ProviderInfo], checks: &[Json], args: &Providers, desk: &Desk) {
    let mut columns = ["NAME", "TYPE", "KEY", "DEFAULT MODEL"]
        .map(|title| Column(title, Align::Left))
        .to_vec();
    if args.detailed {
        columns.extend(
            ["BASE URL", "TOOLS", "IMAGES", "CONTEXT", "MODELS"]
                .map(|title| Column(title, Align::Left)),
        );
    }
    if args.check {
        columns.push(Column("CHECK", Align::Left));
    }
    let rows = list.iter().zip(checks).map(|(info, check)| {
        let dash = || "–".to_owned();
        let model = info.model.clone().unwrap_or_else(dash);
        let mut row = vec![
            info.name.clone(),
            info.provider_type.clone(),
            key(info).to_owned(),
            model,
        ];
        if args.detailed {
            let can = &info.capabilities;
            let yes = |truth: bool| if truth { "yes" } else { "no" }.to_owned();
            row.push(info.base_url.clone().unwrap_or_else(dash));
            row.push(yes(can.supports_tools));
            row.push(yes(can.supports_multimodal));
            row.push(
                can.max_context_tokens
                    .map_or_else(dash, |tokens| tokens.to_string()),
            );
            row.push(can.available_models.join(" "));
        }
        if args.check {
            row.push(outcome(check));
        }
        row
    });
    desk.screen
        .line(&table(&desk.screen, &columns, rows.collect()));
    let own_key = |kind: &&ProviderType| !kind.keyless && kind.base_url.is_some();
    if !desk.screen.quiet && list.iter().all(is_keyless) {
        let others: Vec<&str> = TYPES.iter().filter(own_key).map(|kind| kind.name).collect();
        desk.screen.note(&format!(
            "others need a key, in variables such as OPENAI_API_KEY: {}",
            others.join(", ")
        ));
    }
}

/// Returns in words how the request went.
pub(crate) fn outcome(check: &Json) -> String {
    match (check["ok"].as_bool(), check["error"].as_str()) {
        (Some(true), _) => format!("ok ({} ms)", check["latency_ms"]),
        (Some(false), error) => format!("failed: {}", error.unwrap_or("no reason given")),
        (None, _) => "not checked: no key".to_owned(),
    }
}

fn key(info: &ProviderInfo) -> &'static str {
    match info.has_key {
        true if is_keyless(info) => "not needed",
        true => "set",
        false => "missing",
    }
}

fn is_keyless(info: &ProviderInfo) -> bool {
    TYPES
        .iter()
        .any(|kind| kind.keyless && kind.name == info.provider_type)
}

/// Asks each provider that has a key, one after the other.
fn check(list: &[ProviderInfo], loaded: &Loaded) -> Result<Vec<Json>> {
    let script = Script::new("providers --check", "");
    unrecorded::within(loaded, &script, async |world| {
        let mut checks = Vec::new();
        for info in list {
            checks.push(match info.has_key {
                true => ask(world, &info.name).await?,
                false => Json::Null,
            });
        }
        Ok(checks)
    })
}

async fn ask(world: &World, name: &str) -> Result<Json> {
    let module = llmspell_runtime::provider::module();
    let Some(op) = module.find("validate") else {
        return Ok(Json::Null);
    };
    let args = Map::from([("name", Value::from(name))]);
    Ok(world.cx().call(op, Value::Map(args)).await?.to_serde_json())
}
