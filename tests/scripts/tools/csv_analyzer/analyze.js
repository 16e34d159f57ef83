// The report on a table and its columns.
const people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n";
const report = await Tool.csv_analyzer({ input: people });
const [, age, city] = report.columns;
const odd = await Tool.csv_analyzer({ operation: "stats", data: "a;b\n1;2\n3\n" });
export default {
  rows: report.row_count,
  columns: report.column_count,
  delimiter: report.delimiter,
  has_headers: report.has_headers,
  encoding: report.encoding,
  age: [age.data_type, age.null_count, age.unique_count, age.min_value, age.max_value, age.mean, age.median],
  city: [city.data_type, city.unique_count, city.sample_values],
  odd: [odd.delimiter, odd.parse_errors],
};
