// Shifts a date; the ends of months are kept within them.
const r = await Tool.date_time_handler({ operation: "add", input: "2026-01-31", amount: 1, unit: "month" });
const shifted = async (operation, input, amount, unit) =>
  (await Tool.date_time_handler({ operation, input, amount, unit })).output;
export default {
  data: r.data,
  output: r.output,
  leap: await shifted("add", "2024-02-28", 1, "day"),
  back: await shifted("subtract", "2024-03-31", 1, "months"),
  negative: await shifted("add", "2024-05-15", -2, "weeks"),
  hours: await shifted("add", "2024-05-15T23:30:00Z", 1.5, "h"),
  quarter: await shifted("add", "2024-11-30", 1, "quarter"),
  business_days: await shifted("add", "2024-05-17", 1, "business_days"),
};
