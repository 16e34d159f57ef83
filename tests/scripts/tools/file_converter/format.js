// Data written another way.
const output = async (params) => (await Tool.file_converter(params)).output;
export default {
  yaml_to_json: await output({ operation: "format", input: "a: 1\n", from_format: "yaml", to_format: "json" }),
  csv_to_jsonl: await output({ operation: "convert_format", input: "a,b\n1,x\n", from_format: "csv", to_format: "jsonl" }),
  json_to_toml: await output({ operation: "format", input: "{\"a\": {\"b\": true}}", from_format: "json", to_format: "toml" }),
  json_to_xml: await output({ operation: "format", input: "{\"a\": {\"@b\": 1, \"c\": \"<\"}}", from_format: "json", to_format: "xml" }),
  page: await output({ operation: "format", input: "<h1>Teas</h1><p>We <b>sell</b> <a href='/tea'>tea</a>.", from_format: "html", to_format: "md" }),
  page_as_text: await output({ operation: "format", input: "<h1>Teas</h1><p>We <b>sell</b> tea.", from_format: "html", to_format: "txt" }),
  markdown: await output({ operation: "format", input: "# T\n", from_format: "md", to_format: "html" }),
};
