// The present moment, in any time zone and format; phrases are relative to it.
const r = await Tool.date_time_handler({});
const unix = await Tool.date_time_handler({ operation: "now", format: "unix" });
const today = await Tool.date_time_handler({ input: "today", format: "date" });
const tomorrow = await Tool.date_time_handler({ operation: "add", input: "today", amount: 1, unit: "day" });
const type = (value) => (Number.isInteger(value) ? "integer" : typeof value);
export default {
  operation: r.operation,
  form: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(r.output),
  timezone: r.timezone,
  timestamp: type(r.timestamp),
  unix: type(unix.output),
  later: unix.output > 1700000000,
  phrases: (await Tool.date_time_handler({ input: "tomorrow" })).output === tomorrow.output,
  today: type(today.output),
};
