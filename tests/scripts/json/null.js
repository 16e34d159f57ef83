// JSON.null is JavaScript's own null; undefined leaves nothing.
if (JSON.null !== null) throw new Error("not as expected");
export default {
  member: JSON.stringify({ a: JSON.null }),
  item: JSON.stringify([1, JSON.null, 3]),
  without: JSON.stringify({ a: undefined }),
};
