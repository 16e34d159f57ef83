// A transport that fails, checks that make no sense, queries without end.
const failure = (params) =>
  Tool.api_tester({ input: Args[0] + "/json", ...params }).then(
    (r) => ({ ok: r.success, kind: r.error_kind, passed: r.passed }),
    (raised) => ({ raised: raised.kind }),
  );
export default {
  private: await failure({ input: "http://10.0.0.1/" }),
  mismatch: await failure({ expected_status: 404, fail_on_mismatch: true }),
  syntax: await failure({ assertions: [{ path: ".a[", exists: true }] }),
  operator: await failure({ assertions: [{ path: ".a", equal: 1 }] }),
  endless: await failure({ assertions: [{ path: "[range(0; 1000000000)] | length", exists: true }] }),
  recursion: await failure({ assertions: [{ path: "def f: f + 1; f", exists: true }] }),
  pattern: await failure({ assertions: [{ path: ".name", matches: "(" }] }),
  schema: await failure({ expected_schema: { type: "nonsense" } }),
  count: await failure({ operation: "load", count: 1001 }),
  no_requests: await failure({ operation: "suite" }),
  unknown: await failure({ expected: 200 }),
};
