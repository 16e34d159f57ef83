// Rows in another order; what is empty comes last.
const people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n";
const output = async (params) => (await Tool.csv_analyzer({ input: people, ...params })).output;
export default {
  up: await output({ operation: "sort", sort_by: "age", columns: ["name"] }),
  down: await output({ operation: "sort", sort_by: "age", descending: true, columns: ["name"] }),
  two: await output({ operation: "sort", sort_by: ["city", "-name"], columns: ["name"] }),
};
