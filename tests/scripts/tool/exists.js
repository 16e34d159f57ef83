// Whether there is a tool of that name; case does not matter, and `-` is `_`.
export default {
  canonical: await Tool.exists("text_manipulator"),
  dashes: await Tool.exists("text-manipulator"),
  capitals: await Tool.exists("Text_Manipulator"),
  extra_name: await Tool.exists("datetime_handler"),
  unknown: await Tool.exists("no_such_tool"),
};
