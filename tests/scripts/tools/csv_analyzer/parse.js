// Rows as objects, each value of its column's type.
const people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n";
const output = async (params) => (await Tool.csv_analyzer({ input: people, ...params })).output;
export default {
  typed: await output({ operation: "parse", input: "n,f,b,d,code\n1,1.5,true,2026-01-31,007\n" }),
  read: await output({ operation: "read", columns: ["age"], filter: "age > 30" }),
  nulls: await output({ operation: "to_json", input: "a|b\nNA|1\n", null_values: ["NA", "-"] }),
  headless: await output({ operation: "parse", input: "1;2\n", headers: false }),
};
