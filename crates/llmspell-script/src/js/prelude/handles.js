// Handles as objects with methods, and globals that answer for unknown fields.
export default function (host) {
  const { define } = host;

  host.makeKind = (kind) => {
    const methods = {};
    define(methods, "toString", function () {
      return `<${kind} ${this.name ?? this.id ?? ""}>`;
    });
    define(methods, "toJSON", function () {
      return JSON.parse(host.json(this, false));
    });
    Object.defineProperty(methods, Symbol.toStringTag, { value: kind });
    return methods;
  };

  // A method is bound to its handle when it is first read, so that it can be passed on: `const { execute } = tool`.
  host.addMethod = (methods, name, method) => {
    Object.defineProperty(methods, name, {
      get() {
        if (this === methods) {
          return method;
        }
        const bound = method.bind(this);
        define(this, name, bound);
        return bound;
      },
      configurable: true,
    });
  };

  host.iterate = (methods, next) => {
    Object.defineProperty(methods, Symbol.asyncIterator, {
      value() {
        const handle = this;
        return {
          async next() {
            const value = await next.call(handle);
            return { done: value == null, value: value ?? undefined };
          },
          async return(value) {
            await handle.close?.();
            return { done: true, value };
          },
          [Symbol.asyncIterator]() {
            return this;
          },
        };
      },
    });
  };

  // A promise of a handle that can be iterated over can be iterated over itself: `for await (const x of agent.stream(…))`.
  host.iterable = Object.create(Promise.prototype, {
    [Symbol.asyncIterator]: {
      async *value() {
        yield* await this;
      },
    },
  });

  // Whoever awaits the global, or has it written as JSON, asks for these; no op shall answer.
  const never = new Set(["then", "toJSON", "constructor"]);
  host.index = (global, op) => {
    Object.setPrototypeOf(global, new Proxy(Object.prototype, {
      get(target, name, receiver) {
        if (typeof name === "symbol" || name in target || never.has(name)) {
          return Reflect.get(target, name, receiver);
        }
        return op(name) ?? undefined;
      },
    }));
  };
}
