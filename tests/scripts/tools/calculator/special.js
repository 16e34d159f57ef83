// Values that no number says are texts.
const r = await Tool.calculator({ input: "1.0 / 0.0" });
export default {
  output: r.output,
  type: r.data.result_type,
  negative: (await Tool.calculator({ input: "-inf" })).output,
  nan: (await Tool.calculator({ input: "nan" })).output,
};
