// A Date of JavaScript arrives as RFC 3339 text in UTC; Lua writes the text itself.
const date = new Date(Date.UTC(2026, 0, 31, 12));
const added = await Tool.date_time_handler({ operation: "add", input: date, amount: 1, unit: "day" });
export default { added: added.output };
