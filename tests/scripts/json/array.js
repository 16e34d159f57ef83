// JSON.array is for Lua's tables; JavaScript's arrays are lists anyway.
const list = JSON.array(["a", "b"]);
export default {
  empty: JSON.stringify(JSON.array([])),
  none: JSON.stringify(JSON.array()),
  filled: JSON.stringify(list),
  nested: JSON.stringify({ options: {}, rows: JSON.array([]) }),
  read: JSON.stringify(JSON.parse("[[], {}]")),
};
