// Letter case, Unicode-aware.
const text = async (operation, input) => (await Tool.text_manipulator({ operation, input })).output;
export default {
  uppercase: await text("uppercase", "straße"),
  lowercase: await text("lowercase", "ÀÉÎ"),
  capitalize: await text("capitalize", "élan vital"),
  title_case: await text("title_case", "the quick brown fox"),
  upper: await text("upper", "also"),
  lower: await text("lower", "ALSO"),
  format: (await Tool.text_manipulator({ operation: "case", input: "an example", format: "title" })).output,
};
