// Values that are not allowed are failures; missing parameters raise.
const failure = (params) => Tool.uuid_generator(params).then(
  (r) => [r.success, r.error_kind, r.error],
  (raised) => ["raised", raised.kind, raised.message],
);
export default {
  version: (await failure({ version: "v9" }))[1],
  count: await failure({ count: 10001 }),
  namespace: (await failure({ version: "v5", name: "x", namespace: "nowhere" }))[1],
  name: await failure({ version: "v5" }),
  deterministic: await failure({ operation: "deterministic" }),
  type: await failure({ count: "many" }),
};
