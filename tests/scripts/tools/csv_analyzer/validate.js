// What is wrong with the cells.
const people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n";
const data = async (params) => (await Tool.csv_analyzer({ input: people, ...params })).data;
export default {
  wrong: await data({ operation: "validate", rules: { age: ["required", "range:30-50"] } }),
  right: await data({ operation: "validate", options: { rules: { name: "unique" } } }),
};
