// A function keeps what it closes over from call to call.
let count = 0;
const names = [];
await Tool.define({
  name: "visit",
  description: "Counts visitors",
  parameters: [{ name: "name", type: "string" }],
  execute: (p) => {
    count += 1;
    names.push(p.name);
    return count;
  },
});
let last;
for (const name of ["ann", "bob", "eve"]) last = (await Tool.visit({ name })).output;
export default { last, count, names };
