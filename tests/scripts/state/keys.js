// What may be a key, and how large a value may be.
async function kind(act) {
  try { await act(); return "ok"; } catch (e) { return e.kind; }
}
async function raised(act) {
  try { await act(); } catch (e) { return e; }
}
await State.save("e\u0301", "composed");
await State.save(1, "number");
const kinds = [];
for (const key of ["", "a..b", "a\\b", "a//b", "a\0b", "a\rb", "a\nb", "__x", "$$x", "k".repeat(257), "k".repeat(256), "a:b", "a/b", "_x", "$x", "ключ"]) {
  kinds.push(await kind(() => State.save(key, 1)));
}
const error = await raised(() => State.save("a..b", 1));
const large = await raised(() => State.save("large", "x".repeat(2000)));
export default {
  nfc: await State.load("\u00e9"), number: await State.load("1"), kinds,
  both: [await kind(() => State.save("s".repeat(400), "k".repeat(112), 1)), await kind(() => State.save("s".repeat(400), "k".repeat(113), 1))],
  error: [error.message, error.op], large: [large.kind, large.message, large.details.limit], kept: (await State.load("large")) == null,
};
