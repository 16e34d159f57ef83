// Columns that are computed, renamed and left out.
const people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n";
const output = async (params) => (await Tool.csv_analyzer({ input: people, ...params })).output;
export default {
  computed: await output({ operation: "transform", add_columns: { months: "age * 12" }, drop_columns: ["city"] }),
  renamed: await output({ operation: "transform", rename_columns: { name: "who" }, columns: ["who"] }),
  quoted: await output({ operation: "transform", input: "unit price,count\n2.5,4\n", add_columns: { total: "`unit price` * count" } }),
};
