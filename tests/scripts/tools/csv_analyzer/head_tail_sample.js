// Some of the rows.
const people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n";
const output = async (params) => (await Tool.csv_analyzer({ input: people, ...params })).output;
export default {
  head: await output({ operation: "head", size: 1 }),
  tail: await output({ operation: "tail", size: 1 }),
  sample: await output({ operation: "sample", size: 9 }),
};
