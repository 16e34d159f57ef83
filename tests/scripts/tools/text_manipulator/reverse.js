// Reverses what people see as characters.
export default {
  plain: (await Tool.text_manipulator({ operation: "reverse", input: "abc" })).output,
  accents: (await Tool.text_manipulator({ operation: "reverse", input: "noe\u{308}l" })).output,
  flags: (await Tool.text_manipulator({ operation: "reverse", input: "🇨🇭a" })).output,
};
