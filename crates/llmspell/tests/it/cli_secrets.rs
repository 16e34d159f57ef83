//! Secrets that are planted everywhere, and a search through everything that a run wrote.

use std::path::Path;

use crate::place::{Place, files};

const KEY: &str = "planted-environment-4711";
const CONFIGURED: &str = "planted-configuration-4712";
const IN_URL: &str = "planted-url-4713";
const ARGUMENT: &str = "planted-argument-4714";
const BY_FORM: &str = "sk-planted0123456789abcdefghij";

const CONFIG: &str = r#"
[providers.local]
type = "mock"
api_key = "planted-configuration-4712"

[tools.http_request]
base_url = "https://user:planted-url-4713@example.invalid/"
"#;

// The texts are put together, so that they do not stand in the source, which is the user's own.
const SPELL: &str = r#"
local function planted(what, number) return table.concat({ "planted", what, number }, "-") end
local key, configured = planted("environment", 4711), planted("configuration", 4712)
local in_url, argument = planted("url", 4713), planted("argument", 4714)
local by_form = "sk" .. "-" .. "planted0123456789abcdefghij"
local template = Tool.template_engine{
  input = "a {{ password }} {{ nested.api_key }} {{ word }}",
  context = { password = argument, nested = { api_key = argument }, word = "shown" },
}
assert(template.output:find(argument, 1, true), template.output)
Tool.base64_encoder{ operation = "encode", input = argument }
Tool.base64_encoder{ operation = "encode", input = "key " .. key .. " and " .. by_form }
Logger.warn("saying " .. key .. " and " .. configured .. " aloud")
Logger.warn("and " .. in_url, { token = argument })
local agent = Agent.create{ name = "helper", model = "mock/tools", tools = { "base64_encoder" } }
agent:execute('base64_encoder {"operation": "decode", "input": "cGxhbnRlZC1lbnZpcm9ubWVudC00NzEx"}')
local session = Session.create{ tags = { configured } }
Session.add_tags(session, { key, "by form " .. by_form })
Session.update_metadata(session, { tags = { "again " .. in_url }, note = argument })
Session.add_tags(session, { argument })
assert(os.getenv("MY_API_KEY") == nil)
assert(os.getenv("LLMSPELL_PUBLIC_X") ~= by_form)
error("failed with " .. key .. ", " .. argument .. " and " .. by_form)
"#;

/// Returns the files below a folder in which a text stands, plain or in base64.
fn found(dir: &Path, secret: &str) -> Vec<String> {
    let encoded = encoded(secret);
    let holds = |name: &String| {
        let bytes = std::fs::read(dir.join(name)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        text.contains(secret) || text.contains(&encoded)
    };
    files(dir).into_iter().filter(holds).collect()
}

/// Returns the part of the base64 text that does not depend on what follows.
fn encoded(secret: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (whole, _) = secret.as_bytes().as_chunks::<3>();
    let letters = whole.iter().flat_map(|[a, b, c]| {
        let all = u32::from(*a) << 16 | u32::from(*b) << 8 | u32::from(*c);
        [18, 12, 6, 0].map(|shift| char::from(LETTERS[(all >> shift & 63) as usize]))
    });
    letters.collect()
}

#[test]
fn no_secret_is_written_anywhere() {
    for format in ["text", "json"] {
        let place = Place::new()
            .with("llmspell.toml", CONFIG)
            .with("spell.lua", SPELL);
        let args = [
            "-vvv",
            "--log-format",
            format,
            "run",
            "spell.lua",
            "--session",
            "new",
        ];
        let mut command = place.command(&args);
        command
            .env("MY_API_KEY", KEY)
            .env("LLMSPELL_PUBLIC_X", BY_FORM);
        let ended = place.ended(command.output().unwrap());
        assert_eq!(ended.code, 1, "{}", ended.text());
        assert!(
            ended.stderr.contains("failed with [redacted:MY_API_KEY]"),
            "{}",
            ended.stderr
        );
        assert!(ended.stderr.contains("aloud"), "{}", ended.stderr);
        // The script itself and its configuration stand in the working directory.
        std::fs::remove_file(place.path("spell.lua")).unwrap();
        std::fs::remove_file(place.path("llmspell.toml")).unwrap();
        for secret in [KEY, CONFIGURED, IN_URL, ARGUMENT, BY_FORM] {
            assert!(
                !ended.text().contains(secret),
                "{secret} in {}",
                ended.text()
            );
            for dir in [place.home(), place.path("")] {
                assert_eq!(found(&dir, secret), [""; 0], "{secret}");
            }
        }
        let recorded = files(&place.home());
        assert!(
            recorded.iter().any(|name| name.ends_with(".db")),
            "{recorded:?}"
        );
    }
}

/// Sends secrets to a service that repeats what it is sent.
const REQUESTS: &str = r#"
local function planted(number) return table.concat({ "planted", "request", number }, "-") end
local function echo(params)
  params.input = Args[1] .. "/echo"
  local r = Tool.http_request(params)
  assert(r.success, r.error)
  return r.output
end
local basic = echo { auth = { type = "basic", username = "ann", password = planted(4715) } }
assert(basic.headers.authorization:find("^Basic "))
local bearer = echo { auth = { type = "bearer", token = planted(4716) } }
assert(bearer.headers.authorization == "Bearer " .. planted(4716))
local key = echo { auth = { type = "api_key", key = planted(4717), query_name = "key" } }
assert(key.query[1][2] == planted(4717))
assert(echo({ cookies = { session_token = planted(4718) } }).headers.cookie:find(planted(4718), 1, true))
assert(Tool.webhook_caller{ input = Args[1] .. "/echo", sign = { secret = planted(4719) } }.success)
error(table.concat({ basic.headers.authorization, bearer.headers.authorization, key.query[1][2] }, " "))
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_that_a_service_repeats_are_not_written() {
    let site = crate::site::serve().await;
    let config = "[security.network]\nallow_hosts = [\"127.0.0.1\"]";
    let place = Place::new()
        .with("llmspell.toml", config)
        .with("spell.lua", REQUESTS);
    let run = move || {
        let args = ["-vvv", "run", "spell.lua", "--session", "new", "--", &site];
        let ended = place.run(&args);
        (place, ended)
    };
    let (place, ended) = tokio::task::spawn_blocking(run).await.unwrap();
    assert_eq!(ended.code, 1, "{}", ended.text());
    assert!(ended.stderr.contains("[redacted:"), "{}", ended.text());
    std::fs::remove_file(place.path("spell.lua")).unwrap();
    // `ann:planted-request-4715`, as it is sent.
    let basic = "YW5uOnBsYW50ZWQtcmVxdWVzdC00NzE1";
    let planted = (4715..=4719).map(|number| format!("planted-request-{number}"));
    for secret in planted.chain([basic.to_owned()]) {
        assert!(!ended.text().contains(&secret), "{}", ended.text());
        for dir in [place.home(), place.path("")] {
            assert_eq!(found(&dir, &secret), [""; 0], "{secret}");
        }
    }
}
