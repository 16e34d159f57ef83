// A stream over a function that hands out values one by one.
const stream = Streaming.create(function* () {
  for (let i = 1; i <= 3; i++) yield i * i;
});
const before = await stream.isDone();
const first = await stream.next();
const rest = await stream.collect();
export default {
  before,
  first,
  rest,
  after: [await stream.isDone(), (await stream.next()) == null],
  empty: await Streaming.create(function* () {}).collect(),
};
