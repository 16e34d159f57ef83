// Some of the columns, and rows that occur once.
const people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n";
const output = async (params) => (await Tool.csv_analyzer({ input: people, ...params })).output;
export default {
  select: await output({ operation: "select", columns: ["city", "name"], filter: "age == 25" }),
  dedupe: await output({ operation: "dedupe", input: "a,b\n1,2\n1,2\n1,3\n" }),
  by_column: await output({ operation: "dedupe", columns: ["city"] }),
};
