// A tool by name, by an item of the list, as a member of Tool; nothing if there is none.
const tool = await Tool.get("calculator");
const [item] = await Tool.list();
export default {
  name: tool.name,
  version: tool.version,
  category: tool.category,
  described: tool.description.length > 0,
  by_item: (await Tool.get(item)).name === item.name,
  by_name: (await Tool.getByName("calculator")).name,
  by_other_spelling: (await Tool.get("Date-Time-Handler")).name,
  member: Tool.calculator.name,
  unknown: (await Tool.get("no_such_tool")) === null,
  unknown_member: (Tool.no_such_tool ?? null) === null,
};
