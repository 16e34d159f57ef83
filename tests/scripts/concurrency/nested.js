// Groups may stand in groups.
const square = async (n) => (await Tool.calculator({ input: `${n} ^ 2` })).output;
export default await Promise.all([
  Promise.all([square(1), square(2)]),
  Promise.all([square(3), Promise.all([square(4), square(5)])]),
]);
