// Two tables side by side.
const people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n";
const output = async (params) => (await Tool.csv_analyzer({ input: people, ...params })).output;
export default {
  inner: await output({ operation: "join", with: "city,land\nBerlin,DE\nOslo,NO\nRome,IT\n", on: "city", columns: ["name", "land"] }),
  left: await output({ operation: "join", with: "city,land\nBerlin,DE\nOslo,NO\nRome,IT\n", on: "city", how: "left", columns: ["name", "land"] }),
  outer: await output({ operation: "join", with: "city,land\nBerlin,DE\nOslo,NO\nRome,IT\n", on: "city", how: "outer", columns: ["name", "city", "land"] }),
  renamed: await output({ operation: "join", with: "town,land\nOslo,NO\n", on: { city: "town" }, columns: ["name", "land"] }),
};
