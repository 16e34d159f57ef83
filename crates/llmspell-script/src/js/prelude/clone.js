// structuredClone.
export default function (host) {
  const errors = new Set(["Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"]);

  function refuse(what) {
    throw new DOMException(`${what} could not be cloned`, "DataCloneError");
  }

  function clone(value, seen) {
    if (typeof value === "symbol" || typeof value === "function") {
      refuse(String(value));
    }
    if (value === null || typeof value !== "object") {
      return value;
    }
    if (seen.has(value)) {
      return seen.get(value);
    }
    const keep = (copy) => {
      seen.set(value, copy);
      return copy;
    };
    if (value instanceof Date) {
      return keep(new Date(value.getTime()));
    }
    if (value instanceof RegExp) {
      return keep(new RegExp(value.source, value.flags));
    }
    if (value instanceof Boolean || value instanceof Number || value instanceof String || value instanceof BigInt) {
      return keep(Object(value.valueOf()));
    }
    if (value instanceof ArrayBuffer) {
      return keep(value.slice(0));
    }
    if (ArrayBuffer.isView(value)) {
      const buffer = clone(value.buffer, seen);
      const length = value instanceof DataView ? value.byteLength : value.length;
      return keep(new value.constructor(buffer, value.byteOffset, length));
    }
    if (value instanceof Map) {
      const copy = keep(new Map());
      for (const [key, item] of value) {
        copy.set(clone(key, seen), clone(item, seen));
      }
      return copy;
    }
    if (value instanceof Set) {
      const copy = keep(new Set());
      for (const item of value) {
        copy.add(clone(item, seen));
      }
      return copy;
    }
    if (value instanceof Error) {
      const copy = keep(new (errors.has(value.name) ? globalThis[value.name] : Error)(value.message));
      host.define(copy, "stack", value.stack);
      if ("cause" in value) {
        host.define(copy, "cause", clone(value.cause, seen));
      }
      return copy;
    }
    if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef || host.isHandle(value)) {
      refuse(Object.prototype.toString.call(value));
    }
    const copy = keep(Array.isArray(value) ? new Array(value.length) : {});
    for (const key of Object.keys(value)) {
      copy[key] = clone(value[key], seen);
    }
    return copy;
  }

  host.define(globalThis, "structuredClone", function structuredClone(value) {
    return clone(value, new Map());
  });
}
