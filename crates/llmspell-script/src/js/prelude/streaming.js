// Streaming: streams over a generator function of the script.
export default function (host) {
  const { define, raise } = host;
  let count = 0;

  class Stream {
    #values;
    #done = false;

    constructor(values) {
      this.#values = values;
      count += 1;
      this.kind = "stream";
      this.id = `stream-${count}`;
    }

    async next() {
      if (this.#done) {
        return null;
      }
      try {
        const { done, value } = await this.#values.next();
        this.#done ||= done === true;
        return value ?? null;
      } catch (error) {
        this.#done = true;
        throw error;
      }
    }

    isDone() {
      return this.#done;
    }

    async collect() {
      const values = [];
      while (!this.#done) {
        const value = await this.next();
        if (value !== null) {
          values.push(value);
        }
      }
      return values;
    }

    async close() {
      this.#done = true;
      await this.#values.return?.();
    }

    iter() {
      return this[Symbol.asyncIterator]();
    }

    async *[Symbol.asyncIterator]() {
      try {
        while (!this.#done) {
          const value = await this.next();
          if (value !== null) {
            yield value;
          }
        }
      } finally {
        await this.close();
      }
    }

    toString() {
      return `<stream ${this.id}>`;
    }
  }
  define(Stream.prototype, "is_done", Stream.prototype.isDone);

  const Streaming = globalThis.Streaming ??= {};
  Streaming.create = function create(body) {
    if (typeof body !== "function") {
      raise("invalid_args", `Streaming.create: expected a generator function, got ${typeof body}`);
    }
    const values = body();
    if (typeof values?.next !== "function") {
      raise("invalid_args", "Streaming.create: the function gave no generator", "write `function*` or `async function*`");
    }
    return new Stream(values);
  };
  Streaming.yield = function () {
    raise("invalid_state", "Streaming.yield: not inside the function of a stream", "in JavaScript, write `yield value` in a generator function");
  };
}
