// How lines end.
const output = async (params) => (await Tool.file_converter(params)).output;
export default {
  windows: await output({ operation: "line_endings", input: "a\nb\r\n", line_ending: "crlf" }),
  unix: await output({ operation: "convert_line_endings", input: "a\r\nb\rc" }),
};
