//! The examples of the tools work as they stand in the manual, and the manual is the one that is made of the tools.

use serde_json::{Value, json};

use crate::place::Place;

/// Examples that ask a public service.
const ELSEWHERE: &[&str] = &["web_search"];

const SPELL: &str = r#"
local failures = {}
for _, example in ipairs(JSON.parse(io.open("examples.json"):read("a"))) do
  local called, answer = pcall(Tool.invoke, example.tool, example.input)
  if not called then
    failures[#failures + 1] = example.tool .. ": " .. answer.message
  elseif not answer.success then
    failures[#failures + 1] = example.tool .. ": " .. answer.error
  end
end
return #failures > 0 and failures or "all work"
"#;

const CONFIG: &str = r#"
[security.network]
allow_hosts = ["127.0.0.1"]
"#;

fn examples(site: &str) -> Vec<Value> {
    let tools = llmspell_tools::modules()
        .into_iter()
        .flat_map(|module| module.ops);
    let all = tools.flat_map(|op| {
        let info = op.tool_info().unwrap().clone();
        assert!(!info.examples.is_empty(), "{} has no example", op.verb());
        let tool = op.verb().to_owned();
        info.examples.into_iter().map(move |example| {
            let input = example.input.replace("https://example.com", site);
            let input: Value = serde_json::from_str(&input)
                .unwrap_or_else(|error| panic!("{tool}: {}: {error}", example.title));
            json!({"tool": tool, "input": input})
        })
    });
    all.filter(|example| !ELSEWHERE.contains(&example["tool"].as_str().unwrap()))
        .collect()
}

/// Half a second of silence.
fn sound() -> Vec<u8> {
    const SAMPLES: u32 = 4_000;
    let mut bytes = Vec::new();
    bytes.extend(b"RIFF");
    bytes.extend((36 + 2 * SAMPLES).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(8_000_u32.to_le_bytes());
    bytes.extend(16_000_u32.to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend((2 * SAMPLES).to_le_bytes());
    bytes.resize(bytes.len() + 2 * SAMPLES as usize, 0);
    bytes
}

/// Four by four grey points, as a bitmap.
fn picture() -> Vec<u8> {
    const SIDE: u32 = 4;
    let pixels = 3 * SIDE * SIDE;
    let mut bytes = b"BM".to_vec();
    bytes.extend((54 + pixels).to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(54_u32.to_le_bytes());
    bytes.extend(40_u32.to_le_bytes());
    bytes.extend(SIDE.to_le_bytes());
    bytes.extend(SIDE.to_le_bytes());
    bytes.extend(b"\x01\0\x18\0");
    bytes.extend([0; 24]);
    bytes.resize(bytes.len() + pixels as usize, 0x80);
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_examples_work() {
    let site = crate::site::serve().await;
    let place = Place::new()
        .with("llmspell.toml", CONFIG)
        .with("spell.lua", SPELL)
        .with("examples.json", &json!(examples(&site)).to_string())
        .with("notes.txt", "buy milk\nand bread\n")
        .with("people.csv", "name,age\nAda,36\nGrace,85\n");
    std::fs::write(place.path("song.wav"), sound()).unwrap();
    std::fs::write(place.path("photo.bmp"), picture()).unwrap();
    let ended = tokio::task::spawn_blocking(move || {
        place.run(&["--output", "json", "run", "--ephemeral", "spell.lua"])
    });
    let ended = ended.await.unwrap();
    let answer: Value = serde_json::from_str(&ended.stdout)
        .unwrap_or_else(|_| panic!("{}{}", ended.stdout, ended.stderr));
    assert_eq!(answer["result"], "all work", "{}", ended.stderr);
}

#[test]
fn the_manual_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/tools.md");
    let made = Place::new().run(&["api", "tools"]).stdout;
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == made, "docs/tools.md is stale: run with UPDATE=1");
}
