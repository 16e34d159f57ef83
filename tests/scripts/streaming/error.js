// An error of the function is raised where the stream is read, and ends it.
import { raised } from "./lib/raised.js";
const failing = () => Streaming.create(async function* () {
  yield "a";
  await Agent.getDetails("nobody");
});
const stream = failing();
const collected = failing();
export default {
  first: await stream.next(),
  second: await raised(() => stream.next()),
  after: [await stream.isDone(), (await stream.next()) == null],
  collect: (await raised(() => collected.collect())).kind,
  no_function: (await raised(() => Streaming.create(5))).kind,
};
