// Closing a stream ends its function; what it was waiting for is cancelled.
const log = [];
const stream = Streaming.create(function* () {
  try {
    yield "a";
    log.push("never");
  } finally {
    log.push("closed");
  }
});
const first = await stream.next();
await stream.close();
export default {
  first, log, is_done: await stream.isDone(), after: (await stream.next()) == null, rest: await stream.collect(),
};
