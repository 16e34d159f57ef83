// The function runs only as far as its values are asked for; a stream may be endless.
let made = 0;
const stream = Streaming.create(function* () {
  while (true) {
    made += 1;
    yield made;
  }
});
const untouched = made;
await stream.next();
await stream.next();
const after_two = made;
await stream.close();
export default { untouched, after_two, after_close: made };
