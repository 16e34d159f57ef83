// Rows that fit a condition.
const people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n";
const output = async (params) => (await Tool.csv_analyzer({ input: people, ...params })).output;
export default {
  numbers: await output({ operation: "filter", filter: "age > 30" }),
  words: await output({ operation: "where", filter: "city == New York" }),
  both: await output({ operation: "query", filter: "age > 30 and (city == \"Oslo\" or name ~ \"^B\")" }),
  listed: await output({ operation: "filter", filter: "name in (Ann, Cyd)", as: "rows" }),
};
