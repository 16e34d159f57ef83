// How results behave beyond being data: as texts, as envelopes of tools.
export default function (host) {
  const { define, json } = host;

  // The text of a value where one is wanted.
  function shown(value) {
    if (value == null) {
      return "";
    }
    const plain = typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype && !Array.isArray(value);
    return plain ? String(value) : json(value, false);
  }

  // A prototype whose objects act as the text that one of their members is.
  const texts = new Map();
  function textPrototype(member) {
    let prototype = texts.get(member);
    if (!prototype) {
      prototype = {};
      define(prototype, "toString", function () {
        return shown(this[member]);
      });
      texts.set(member, prototype);
    }
    return prototype;
  }

  host.viewText = (member) => {
    const prototype = textPrototype(member);
    return (result) => Array.isArray(result) ? result : Object.setPrototypeOf(result, prototype);
  };

  host.viewEach = (member) => {
    const prototype = textPrototype(member);
    return (results) => {
      for (const result of results) {
        if (result !== null && typeof result === "object") {
          Object.setPrototypeOf(result, prototype);
        }
      }
      return results;
    };
  };

  // Lets the items of a list be read by their name as well, but for the names of what lists can do.
  host.viewNamed = (member) => (result) => {
    const list = result?.[member];
    for (const item of Array.isArray(list) ? list : []) {
      if (!(item.name in list)) {
        define(list, item.name, item);
      }
    }
    return result;
  };

  // Lets a member of a result, or of each item of a list, be used as text, which is its own member of the other name.
  host.viewWithin = (member, inner) => {
    const view = host.viewText(inner);
    return (result) => {
      for (const item of Array.isArray(result) ? result : [result]) {
        const part = item?.[member];
        if (part !== null && typeof part === "object") {
          view(part);
        }
      }
      return result;
    };
  };

  // Envelopes: members that they do not have are read through to `data`.
  const computed = {
    message: (envelope) => envelope.metadata?.message ?? null,
    result: (envelope) => envelope.data,
    text(envelope) {
      const { operation = null, success = null, data = null, error = null, error_kind = null, metadata = null } = envelope;
      const message = computed.message(envelope);
      const whole = { operation, success, message, data, result: data, error, error_kind, metadata };
      const text = json(whole, false);
      define(envelope, "text", text);
      return text;
    },
  };
  const own = new Set(["success", "operation", "data", "output", "error", "error_kind", "metadata"]);

  const base = Object.create(Object.prototype);
  define(base, "toString", function () {
    const { output, data } = this;
    return typeof output === "string" || typeof output === "number" ? String(output) : json(data ?? null, false);
  });
  const envelopePrototype = Object.create(new Proxy(base, {
    get(target, name, envelope) {
      if (typeof name === "symbol" || name in target) {
        return Reflect.get(target, name, envelope);
      }
      if (Object.hasOwn(computed, name)) {
        return computed[name](envelope);
      }
      const data = own.has(name) ? undefined : envelope.data;
      return data !== null && typeof data === "object" && Object.hasOwn(data, name) ? data[name] : undefined;
    },
    has(target, name) {
      return name in target || Object.hasOwn(computed, name);
    },
  }));

  host.viewEnvelope = (envelope) => {
    const { data, output } = envelope;
    if (data !== null && typeof data === "object" && !Array.isArray(data) && output != null && !("output" in data)) {
      define(data, "output", output);
    }
    return Object.setPrototypeOf(envelope, envelopePrototype);
  };
}
