// A stream in a loop.
const letters = () => Streaming.create(function* () {
  yield* "abc";
});
const seen = [];
for await (const letter of letters()) seen.push(letter);
const stream = letters();
await stream.next();
export default { seen, left: await stream.collect() };
