// A check that fails is a result that says what was expected.
const check = async (params) => {
  const r = await Tool.api_tester({ ...params, input: Args[0] + "/json" });
  return { passed: r.passed, check: r.failures[0]?.check, message: r.failures[0]?.message };
};
export default {
  status: await check({ expected_status: 404 }),
  header: await check({ expected_headers: { "X-None": "1" } }),
  text: await check({ expected_body: "llmspell" }),
  body: await check({ expected_body: { name: "llmspell", tags: ["a", "b"], count: 2 } }),
  schema: await check({ expected_schema: { required: ["age"] } }),
  equals: await check({ assertions: [{ path: ".count", equals: 3 }] }),
  contains: await check({ assertions: [{ path: ".tags", contains: "b" }] }),
  exists: await check({ assertions: [{ path: ".age", exists: false }] }),
  type: await check({ assertions: [{ path: ".tags", type: "array" }] }),
  greater: await check({ assertions: [{ path: ".count", greater: 2 }] }),
  less: await check({ assertions: [{ path: ".count", less: 3 }] }),
  duration: await check({ max_duration_ms: 60000 }),
  extract: await check({ extract: { age: ".age" } }),
};
