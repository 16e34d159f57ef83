// A tool of the script's own: its function gets the parameters as one object, and what it returns is the data.
let seen;
const double = await Tool.define({
  name: "double",
  description: "Doubles n",
  parameters: [{ name: "n", type: "number", required: true }],
  execute: (params, ...more) => {
    seen = { n: params.n, more: more.length };
    return { twice: params.n * 2 };
  },
});
const answer = await double({ n: 21 });
export default { seen, data: answer.data, twice: answer.twice, success: answer.success };
