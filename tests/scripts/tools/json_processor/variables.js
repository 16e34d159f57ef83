// Values for the variables of a jq filter.
const r = await Tool.json_processor({
  input: [1, 5, 10], query: "[.[] | select(. >= $least)]", variables: { least: 5 },
});
export default r.output;
