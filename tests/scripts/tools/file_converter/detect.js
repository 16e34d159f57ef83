// What a text has.
const data = async (params) => (await Tool.file_converter(params)).data;
export default {
  unix: await data({ input: "a\n  b\n" }),
  windows: await data({ operation: "info", data: "a\r\n\tb\r\n" }),
  mixed: await data({ operation: "detect_encoding", input: "é\nb\r\n" }),
};
