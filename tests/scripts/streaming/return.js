// A value that the function returns is the last one.
const stream = Streaming.create(function* () {
  yield "a";
  return "the end";
});
export default [
  await stream.next(), await stream.isDone(), await stream.next(), await stream.isDone(), (await stream.next()) == null,
];
