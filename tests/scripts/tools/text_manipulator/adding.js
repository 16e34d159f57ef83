// Adds text before, after, or again and again.
export default {
  prepend: (await Tool.text_manipulator({ operation: "prepend", input: "world", text: "hello " })).output,
  append: (await Tool.text_manipulator({ operation: "append", input: "hello", text: " world" })).output,
  repeat: (await Tool.text_manipulator({ operation: "repeat", input: "ab", times: 3 })).output,
};
