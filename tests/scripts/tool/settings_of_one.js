// The table of a tool bounds that tool alone, and may spell its name as scripts may.
async function length(times, most) {
  const r = await Tool.text_manipulator({
    operation: "repeat", input: "abcdefghij", times, max_output_bytes: most,
  });
  return r.metadata.truncated ? "cut" : r.output.length;
}
async function limit(params) {
  const r = await Tool.json_processor(params);
  const key = r.error.match(/`(tools\.json_processor\.\w+)`/)[1];
  return [r.success, r.error_kind, key];
}
export default {
  fits: await length(50),
  cut: await length(200),
  lowered: await length(50, 200),
  never_raised: await length(200, 100000),
  others: (await Tool.base64_encoder({ input: "a".repeat(300) })).output.length,
  input: await limit({ input: '"' + "a".repeat(2000) + '"', query: "length" }),
  steps: await limit({ input: "0", query: "last(range(100000))" }),
  memory: await limit({ input: "0", query: '[range(100)] | map("0123456789abcdef")' }),
};
