// The dates from one to another.
const r = await Tool.date_time_handler({
  operation: "range", start: "2024-01-31", end: "2024-05-01", unit: "month", format: "date",
});
const steps = await Tool.date_time_handler({
  operation: "range", start: "2024-01-01", end: "2024-01-10", unit: "days", amount: 4, format: "date",
});
export default { dates: r.output, count: r.count, steps: steps.dates };
