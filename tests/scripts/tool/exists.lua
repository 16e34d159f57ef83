-- Whether there is a tool of that name; case does not matter, and `-` is `_`.
return {
  canonical = Tool.exists("text_manipulator"),
  dashes = Tool.exists("text-manipulator"),
  capitals = Tool.exists("Text_Manipulator"),
  extra_name = Tool.exists("datetime_handler"),
  unknown = Tool.exists("no_such_tool"),
}
