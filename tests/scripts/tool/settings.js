// The configuration chooses the tools of a run and what each may answer.
const names = (await Tool.list()).map((tool) => tool.name);
const long = await Tool.text_manipulator({ operation: "repeat", input: "abcdefghij", times: 100 });
const off = await Tool.hash_calculator({ input: "abc" });
export default {
  names,
  denied: await Tool.exists("uuid_generator"),
  off: [off.success, off.error_kind, off.error],
  cut: [long.success, long.metadata.truncated, long.output.truncated, long.output.preview],
};
