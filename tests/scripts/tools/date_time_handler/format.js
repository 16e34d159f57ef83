// Writes a date in a named format or with strftime directives.
const input = "2024-05-15T14:30:05Z";
const written = async (format) => (await Tool.date_time_handler({ operation: "format", input, format })).output;
const results = { directives: await written("%d.%m.%y %H:%M, %A"), capitals: await written("RFC3339") };
for (const name of ["iso8601", "rfc3339", "rfc2822", "unix", "unix_ms", "date", "time", "http", "human"]) {
  results[name] = await written(name);
}
export default results;
