-- Reverses what people see as characters.
return {
  plain = Tool.text_manipulator({ operation = "reverse", input = "abc" }).output,
  accents = Tool.text_manipulator({ operation = "reverse", input = "noe\u{308}l" }).output,
  flags = Tool.text_manipulator({ operation = "reverse", input = "🇨🇭a" }).output,
}
