// JavaScript tells an empty array from an empty object anyway.
const read = JSON.parse('{"list": [], "map": {}}');
const list = [];
list.push("first");
list.pop();
export default {
  plain: JSON.stringify({}),
  list: JSON.stringify([]),
  read: JSON.stringify(read),
  emptied: JSON.stringify(list),
  accepted: (await Tool.json_processor({ operation: "merge", input: {}, with: {} })).success,
};
