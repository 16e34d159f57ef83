// The same moment in another time zone, with its true offset.
const r = await Tool.date_time_handler({
  operation: "convert_timezone", input: "2024-01-15T12:00:00Z", target_timezone: "America/New_York",
});
const converted = async (input, target_timezone) =>
  (await Tool.date_time_handler({ operation: "convert", input, target_timezone })).output;
export default {
  data: r.data,
  output: r.output,
  summer: await converted("2024-07-15T12:00:00Z", "America/New_York"),
  offset: await converted("2024-07-15T12:00:00Z", "+05:30"),
};
