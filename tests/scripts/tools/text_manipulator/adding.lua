-- Adds text before, after, or again and again.
return {
  prepend = Tool.text_manipulator({ operation = "prepend", input = "world", text = "hello " }).output,
  append = Tool.text_manipulator({ operation = "append", input = "hello", text = " world" }).output,
  ["repeat"] = Tool.text_manipulator({ operation = "repeat", input = "ab", times = 3 }).output,
}
