// What groups of rows come to.
const people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n";
const output = async (params) => (await Tool.csv_analyzer({ input: people, ...params })).output;
export default {
  groups: await output({ operation: "aggregate", group_by: "city", aggregations: { people: "count()" } }),
  all: await output({ operation: "group_by", aggregations: { total: "sum(age)" } }),
  first: await output({ operation: "aggregate", group_by: ["city"], aggregations: { who: "first(name)" }, filter: "city == Berlin" }),
};
