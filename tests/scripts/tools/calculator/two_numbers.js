// Six operations take two numbers, a and b.
const results = {};
for (const operation of ["add", "subtract", "multiply", "divide", "power", "modulo"]) {
  results[operation] = (await Tool.calculator({ operation, a: 7, b: 2 })).output;
}
export default results;
