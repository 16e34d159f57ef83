// Text does not become code unless the configuration lets it.
export default function (host) {
  if (host.withEval) {
    return;
  }
  const { define, raise } = host;

  const refuse = () => raise("unavailable", "text cannot be run as code", "set `engines.javascript.allow_eval = true`");
  define(globalThis, "eval", function () {
    refuse();
  });
  for (const sample of [function () {}, async function () {}, function* () {}, async function* () {}]) {
    const prototype = Object.getPrototypeOf(sample);
    const { name } = prototype.constructor;
    const closed = { [name]: function () {
      refuse();
    } }[name];
    closed.prototype = prototype;
    Object.defineProperty(prototype, "constructor", { value: closed });
    if (name === "Function") {
      define(globalThis, name, closed);
    }
  }
}
