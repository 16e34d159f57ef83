// Lists the formats that have names.
const r = await Tool.date_time_handler({ operation: "formats" });
export default { formats: r.available_formats, examples: r.example_formats && "table" };
