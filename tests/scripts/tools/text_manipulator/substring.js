// Part of a text, counted in characters from 0, the end not included; negative counts from the end.
async function part(params) {
  return (await Tool.text_manipulator({ operation: "substring", input: "naïve 🎉!", ...params })).output;
}
export default {
  first: await part({ start: 0, end: 3 }),
  rest: await part({ start: 6 }),
  last: await part({ start: -2 }),
  without_last: await part({ start: 0, end: -1 }),
  slice: await part({ operation: "slice", start: 2, length: 3 }),
  beyond: await part({ start: 50 }),
};
