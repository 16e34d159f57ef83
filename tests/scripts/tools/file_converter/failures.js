// What cannot be done says why.
const failure = async (params) => {
  try {
    const r = await Tool.file_converter(params);
    return [r.success, r.error_kind];
  } catch (e) {
    return ["raised", e.kind, e.message];
  }
};
export default {
  lacking: await failure({ operation: "encoding", input: "é", to_encoding: "ascii" }),
  encoding: await failure({ operation: "encoding", input: "x", to_encoding: "klingon" }),
  broken: await failure({ operation: "format", input: "{", from_format: "json", to_format: "yaml" }),
  impossible: await failure({ operation: "format", input: "x", from_format: "txt", to_format: "json" }),
  tab_size: await failure({ operation: "indentation", input: "x", tab_size: 17 }),
  outside: await failure({ operation: "detect", path: "../x" }),
  missing: await failure({ operation: "detect" }),
};
