// JSON.stringify writes compact text; JSON.encode is the same function.
if (JSON.encode([1]) !== "[1]") throw new Error("not as expected");
export default {
  map: JSON.stringify({ a: 1, b: [2, 3], c: { d: "e" } }),
  text: JSON.stringify('say "hi"\n\t\\ é 🎉 \u0001'),
  numbers: JSON.stringify([1, -0.5, 1000000, 0.001]),
  flags: JSON.stringify([true, false, null]),
  nothing: JSON.stringify(null),
};
