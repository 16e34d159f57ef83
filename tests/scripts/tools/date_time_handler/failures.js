// Text that is no date is a failure of kind parse; missing parameters raise.
const failure = (params) => Tool.date_time_handler(params).then(
  (r) => [r.success, r.error_kind],
  (raised) => ["raised", raised.kind, raised.message],
);
export default {
  text: await failure({ input: "the day after never" }),
  impossible: await failure({ input: "2024-02-30" }),
  zone: await failure({ input: "2024-05-15 10:00", timezone: "Mars/Olympus" }),
  directive: await failure({ operation: "format", input: "2024-05-15", format: "%K" }),
  unit: await failure({ operation: "add", input: "2024-05-15", amount: 1, unit: "fortnights" }),
  cron: await failure({ operation: "cron_next", input: "99 * * * *" }),
  amount: await failure({ operation: "add", input: "2024-05-15", unit: "days" }),
  target: await failure({ operation: "convert_timezone", input: "2024-05-15" }),
  type: await failure({ operation: "add", input: "2024-05-15", amount: "some", unit: "days" }),
};
