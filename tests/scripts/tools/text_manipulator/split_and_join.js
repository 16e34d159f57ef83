// A text becomes a list, a list a text.
const split = async (params) => (await Tool.text_manipulator({ ...params, operation: "split" })).output;
const join = async (input, delimiter) => (await Tool.text_manipulator({ operation: "join", input, delimiter })).output;
export default {
  words: await split({ input: "one two three" }),
  commas: await split({ input: "a,b,c", delimiter: "," }),
  limit: await split({ input: "a,b,c", delimiter: ",", limit: 2 }),
  expression: await split({ input: "a1b22c", delimiter: "\\d+", regex: true }),
  joined: await join(["a", "b", 3], "-"),
  blank: await join(["a", "b"]),
  json: await join('["x", "y"]', "+"),
};
