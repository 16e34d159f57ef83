// Tests one after the other; what one takes out, later ones use.
const requests = [
  { name: "first", url: Args[0] + "/json", extract: { name: ".name", count: ".count" } },
  { name: "second", url: Args[0] + "/echo?n={{count}}", method: "POST", json: { to: "{{name}}", count: "{{count}}" },
    headers: { "X-To": "for {{name}}" },
    assertions: [{ path: ".body | fromjson | .count", equals: 2 }, { path: '.headers["x-to"]', equals: "for llmspell" }] },
  { name: "third", url: Args[0] + "/status/500", expected_status: 200, retry: false },
  { name: "fourth", url: Args[0] + "/json" },
];
const r = await Tool.api_tester({ operation: "suite", requests });
const all = await Tool.api_tester({ operation: "suite", requests, stop_on_failure: false });
const strict = await Tool.api_tester({ operation: "suite", requests, fail_on_mismatch: true });
export default {
  stopped: [r.success, r.output, r.total, r.failed, r.skipped],
  names: r.results.map((result) => [result.name, result.passed]),
  variables: r.variables,
  all: [all.failed, all.skipped, all.results[3].passed],
  strict: [strict.success, strict.error_kind, strict.error],
};
