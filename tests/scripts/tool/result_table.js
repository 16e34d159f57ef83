// A result can be walked, changed, copied, written and kept as any other object.
Tool.define({ name: "report", description: "Reports", execute: () => ({
  success: true, operation: "report", output: "three", metadata: { message: "All counted" },
  data: { rows: 3, names: ["a", "b"] },
}) });
const report = async (look) => look(await Tool.report({}));
const keys = (t) => Object.entries(t).filter(([, value]) => value != null).map(([name]) => name).sort().join(" ");
const kept = await Tool.report({});
export default {
  keys: await report(keys),
  keys_after_a_look: await report((r) => r.output + ": " + keys(r)),
  own: await report((r) => [r.output, r.success, r.error == null, r.error == null, r.operation]),
  same: await report((r) => [r.data === r.data, r.result === r.data, r.data.names === r.names]),
  output_of_data: await report((r) => [r.data.output, r.result.output]),
  by_number: await report((r) => r[1] == null),
  joined: await report((r) => r + "/" + String(r) + "/" + r),
  set: await report((r) => {
    r.output = "mine";
    r.extra = 1;
    return [r.output, r.extra, String(r)];
  }),
  removed: await report((r) => {
    const rows = r.rows;
    delete r.data;
    delete r.metadata;
    return [rows, r.rows == null, r.data == null, r.message == null, keys(r)];
  }),
  written: await report((r) => {
    const read = JSON.parse(JSON.stringify(r));
    return [read.output, read.data.names[1], read.metadata.message];
  }),
  copied: await report((r) => {
    const copy = { ...r };
    return [copy.output, copy.data.rows, copy.metadata.tool, copy.rows == null];
  }),
  text: await report((r) => JSON.parse(r.text).data.rows),
  message: await report((r) => r.message),
  given: (await report((r) => r)).data,
  kept: [kept.rows, kept.data.names[0], kept.metadata.message, kept.output],
};
