// The many forms in which dates come.
const read = async (input, more) => (await Tool.date_time_handler({ input, ...more })).output;
export default {
  seconds: await read(1715783400),
  milliseconds: await read(1715783400000),
  text_of_seconds: await read("1715783400"),
  unit: await read(1715783, { unit_of_input: "s" }),
  rfc2822: await read("Wed, 15 May 2024 14:30:00 +0000"),
  date: await read("2024-05-15"),
  year_first: await read("2024/05/15 14:30"),
  dots: await read("15.05.2024"),
  month_name: await read("May 15, 2024 3pm"),
  ordinal: await read("2024-136"),
  week: await read("2024-W20-3"),
  day_first: await read("03/04/2024", { day_first: true }),
  month_first: await read("03/04/2024"),
  own_format: await read("20240515 1430", { input_format: "%Y%m%d %H%M" }),
  naive: await read("2024-05-15 14:30", { timezone: "Europe/Zurich" }),
};
