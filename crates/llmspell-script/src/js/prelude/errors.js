// Errors of the runtime, and what settles the promises of functions that ops call.
const original = Symbol("original");

/** An error of the runtime: `kind`, `op`, `hints` and `details` say what a script may conclude from it. */
class SpellError extends Error {
  constructor(message, { kind = "script", op, hints = [], details = {}, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    if (op != null) {
      this.op = op;
    }
    this.hints = hints;
    this.details = details;
  }
}
Object.defineProperty(SpellError.prototype, "name", { value: "SpellError", writable: true, configurable: true });

function define(target, name, value) {
  Object.defineProperty(target, name, { value, writable: true, configurable: true });
}

export default function (host) {
  Error.stackTraceLimit = 50;
  const { ended } = host;
  host.nativeJson = { parse: JSON.parse, stringify: JSON.stringify };

  host.original = original;
  host.define = define;
  host.stack = () => new Error().stack;
  host.makeError = (fields, stack, kept) => {
    const { message, ...own } = fields;
    const error = new SpellError(message, own);
    define(error, "stack", stack);
    Object.defineProperty(error, original, { value: kept });
    return error;
  };

  // Raises an error of the runtime.
  const make = host.error;
  host.raise = (kind, message, hint) => {
    throw make(kind, message, ...(hint === undefined ? [] : [hint]));
  };

  host.follow = (promise, task) => {
    promise.then((value) => ended(task, true, value), (reason) => ended(task, false, reason));
  };
  host.items = (items) => Array.from(items);
  host.weak = (object) => new WeakRef(object);
  host.deref = (weak) => weak.deref();
  host.giveArgs = (args, script) => {
    define(args, "script", script);
    define(globalThis, "Args", args);
  };

  define(globalThis, "SpellError", SpellError);
}
