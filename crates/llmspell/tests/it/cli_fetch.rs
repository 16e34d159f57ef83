//! `fetch` of JavaScript spells, under the network policy of the run.

use crate::place::Place;

const SPELL: &str = r#"
const [site] = Args;
const echo = await fetch(`${site}/echo?a=1`, { method: "POST", body: JSON.stringify({ b: 2 }), headers: { "content-type": "application/json" } });
const { method, query, body } = await echo.json();
const followed = await fetch(`${site}/redirect/2`);
const manual = await fetch(`${site}/redirect/2`, { redirect: "manual" });
const missing = await fetch(`${site}/status/404`);
const slow = await fetch(`${site}/slow`, { signal: AbortSignal.timeout(50) }).catch((reason) => reason.name);
const packed = await (await fetch(`${site}/gzip`)).json();
const bytes = await (await fetch(`${site}/bytes/4`)).bytes();
console.log(JSON.stringify([method, query, JSON.parse(body), followed.redirected, followed.ok, manual.status, missing.ok, missing.status, slow, packed, [...bytes]]));
"#;

const ALLOWED: &str = "[security.network]\nallow_hosts = [\"127.0.0.1\"]\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_and_answers_are_those_of_the_web() {
    let site = crate::site::serve().await;
    let place = Place::new()
        .with("llmspell.toml", ALLOWED)
        .with("spell.js", SPELL);
    let ended = tokio::task::spawn_blocking(move || {
        place.run(&["run", "--ephemeral", "spell.js", "--", &site])
    });
    let ended = ended.await.unwrap();
    assert_eq!(
        ended.stdout,
        "[\"POST\",[[\"a\",\"1\"]],{\"b\":2},true,true,307,false,404,\"TimeoutError\",{\"packed\":true},[0,1,2,3]]\n",
        "{}",
        ended.stderr
    );
}

#[test]
fn a_private_address_is_refused() {
    let place = Place::new();
    let ended = place.run(&[
        "exec",
        "--engine",
        "javascript",
        "await fetch('http://127.0.0.1:9/').catch((error) => console.log(error.kind, error.op))",
    ]);
    assert_eq!(
        (ended.stdout.as_str(), ended.code),
        ("denied network.fetch\n", 0),
        "{}",
        ended.stderr
    );
}
