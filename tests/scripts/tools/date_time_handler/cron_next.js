// The next times of a cron pattern.
const r = await Tool.date_time_handler({
  operation: "cron_next", input: "30 8 * * 1-5", start: "2024-05-17T09:00:00Z", count: 3,
});
export default { output: r.output, dates: r.dates };
