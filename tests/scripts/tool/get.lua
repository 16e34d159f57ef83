-- A tool by name, by an item of the list, as a member of Tool; nothing if there is none.
local tool = Tool.get("calculator")
return {
  name = tool.name,
  version = tool.version,
  category = tool.category,
  described = #tool.description > 0,
  by_item = Tool.get(Tool.list()[1]).name == Tool.list()[1].name,
  by_name = Tool.get_by_name("calculator").name,
  by_other_spelling = Tool.get("Date-Time-Handler").name,
  member = Tool.calculator.name,
  unknown = Tool.get("no_such_tool") == nil,
  unknown_member = Tool.no_such_tool == nil,
}
