// The second argument asks for indentation; the standard's own signature works as well.
const value = { a: [1, 2], b: [], c: {}, d: { e: "f" } };
if (JSON.stringify(value, null, 2) !== JSON.stringify(value, true)) throw new Error("the forms differ");
export default JSON.stringify(value, true);
