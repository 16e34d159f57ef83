// The same table as text of every kind.
const people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n";
const output = async (params) => (await Tool.csv_analyzer({ input: people, ...params })).output;
export default {
  json: await output({ operation: "convert", input: "a,b\n1,x\n" }),
  jsonl: await output({ operation: "export", input: "a,b\n1,x\n", format: "jsonl" }),
  tsv: await output({ operation: "write", input: "a,b\n1,x\n", format: "tsv" }),
  markdown: await output({ operation: "convert", input: "a,b\n1,x|y\n", format: "md" }),
  html: await output({ operation: "convert", input: "a\n<b>\n", format: "html" }),
};
