// Sets, deletes and appends at a path, written in any of three ways.
const changed = async (params) => (await Tool.json_processor({ ...params, input: { a: { b: [1, 2] } } })).output;
export default {
  set: await changed({ operation: "set", path: ".a.c", value: "new" }),
  update: await changed({ operation: "update", path: "$.a.b[0]", value: 10 }),
  parsed: await changed({ operation: "set", path: "/a/c", value: '{"x": 1}' }),
  as_text: await changed({ operation: "set", path: "/a/c", value: '{"x": 1}', parse_value: false }),
  delete: await changed({ operation: "delete", path: ".a.b" }),
  remove: await changed({ operation: "remove", path: "/a/b/0" }),
  append: await changed({ operation: "append", path: ".a.b", value: 3 }),
  push: await changed({ operation: "push", query: ".a.b", value: 3 }),
};
