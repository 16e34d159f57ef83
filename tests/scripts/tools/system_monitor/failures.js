// Values that are not allowed, and processes that the configuration hides.
const failure = (params) => Tool.system_monitor(params).then(
  (r) => [r.success, r.error_kind, r.error],
  (raised) => ["raised", raised.kind, raised.message],
);
export default {
  operation: await failure({ operation: "gpu" }),
  sample: await failure({ sample_ms: 5 }),
  processes: await failure({ operation: "processes" }),
  type: await failure({ limit: { a: 1 } }),
};
