// fetch, Headers, Request and Response, over the op that makes requests under the policy of the run.
export default function (host) {
  const { define, encode, decode, request, forget } = host;
  const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

  class Headers {
    #lists = new Map();

    constructor(init) {
      if (init === undefined || init === null) {
        return;
      }
      const pairs = typeof init[Symbol.iterator] === "function" ? Array.from(init) : Object.entries(init);
      for (const [name, value] of pairs) {
        this.append(name, value);
      }
    }

    #key(name) {
      const key = String(name).toLowerCase();
      if (!token.test(key)) {
        throw new TypeError(`Invalid header name: '${name}'`);
      }
      return key;
    }

    #text(name, value) {
      const text = String(value).trim();
      if (/[\0\r\n]/.test(text)) {
        throw new TypeError(`Invalid value of header '${name}'`);
      }
      return text;
    }

    append(name, value) {
      const key = this.#key(name);
      this.#lists.set(key, [...this.#lists.get(key) ?? [], this.#text(name, value)]);
    }

    delete(name) {
      this.#lists.delete(this.#key(name));
    }

    get(name) {
      return this.#lists.get(this.#key(name))?.join(", ") ?? null;
    }

    getSetCookie() {
      return [...this.#lists.get("set-cookie") ?? []];
    }

    has(name) {
      return this.#lists.has(this.#key(name));
    }

    set(name, value) {
      this.#lists.set(this.#key(name), [this.#text(name, value)]);
    }

    forEach(body, self) {
      for (const [name, value] of this) {
        body.call(self, value, name, this);
      }
    }

    *entries() {
      for (const name of [...this.#lists.keys()].sort()) {
        const values = this.#lists.get(name);
        yield* name === "set-cookie" ? values.map((value) => [name, value]) : [[name, values.join(", ")]];
      }
    }

    *keys() {
      for (const [name] of this) {
        yield name;
      }
    }

    *values() {
      for (const [, value] of this) {
        yield value;
      }
    }

    [Symbol.iterator]() {
      return this.entries();
    }
  }

  // The bytes of a body and the type that follows from what it was.
  function bytesOf(body) {
    if (body === undefined || body === null) {
      return [null, null];
    }
    if (body instanceof ArrayBuffer) {
      return [new Uint8Array(body.slice(0)), null];
    }
    if (ArrayBuffer.isView(body)) {
      return [new Uint8Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength)), null];
    }
    const type = body instanceof globalThis.URLSearchParams ? "application/x-www-form-urlencoded;charset=UTF-8" : "text/plain;charset=UTF-8";
    return [encode(String(body)), type];
  }

  // What requests and answers share: headers and a body that is read once.
  class Message {
    #bytes;
    #used = false;

    constructor(body, headers) {
      const [bytes, type] = bytesOf(body);
      this.#bytes = bytes;
      this.headers = new Headers(headers);
      if (type !== null && !this.headers.has("content-type")) {
        this.headers.set("content-type", type);
      }
    }

    get bodyUsed() {
      return this.#used;
    }

    #take() {
      if (this.#used) {
        throw new TypeError("Body has already been read; clone() it first");
      }
      this.#used = this.#bytes !== null;
      return this.#bytes ?? new Uint8Array();
    }

    // Left for `fetch` and `clone`, which do not use the body up.
    static bytes(message) {
      if (message.#used) {
        throw new TypeError("Body has already been read");
      }
      return message.#bytes;
    }

    async bytes() {
      return this.#take();
    }

    async arrayBuffer() {
      const bytes = this.#take();
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    }

    async text() {
      return decode(this.#take(), false).replace(/^\uFEFF/, "");
    }

    async json() {
      return JSON.parse(await this.text());
    }
  }

  const seen = Symbol("seen");

  class Response extends Message {
    constructor(body = null, { status = 200, statusText = "", headers, [seen]: from = {} } = {}) {
      super(body, headers);
      if (!Number.isInteger(status) || status < 200 && !from.url || status > 599) {
        throw new RangeError(`Invalid status: ${status}`);
      }
      this.status = status;
      this.statusText = statusText;
      this.url = from.url ?? "";
      this.redirected = from.redirected ?? false;
      this.type = from.url ? "basic" : "default";
    }

    get ok() {
      return this.status >= 200 && this.status < 300;
    }

    clone() {
      const { status, statusText, headers, url, redirected } = this;
      return new Response(Message.bytes(this), { status, statusText, headers, [seen]: { url, redirected } });
    }

    static json(data, init = {}) {
      const headers = new Headers(init.headers);
      if (!headers.has("content-type")) {
        headers.set("content-type", "application/json");
      }
      return new Response(JSON.stringify(data), { ...init, headers });
    }
  }

  class Request extends Message {
    constructor(input, init = {}) {
      const from = input instanceof Request ? input : null;
      const body = init.body !== undefined ? init.body : from && Message.bytes(from);
      super(body, init.headers ?? from?.headers);
      const method = String(init.method ?? from?.method ?? "GET");
      this.method = /^(get|head|post|put|patch|delete|options)$/i.test(method) ? method.toUpperCase() : method;
      this.url = from ? from.url : new globalThis.URL(input).href;
      this.redirect = init.redirect ?? from?.redirect ?? "follow";
      this.signal = init.signal ?? from?.signal ?? null;
      if (body !== null && body !== undefined && ["GET", "HEAD"].includes(this.method)) {
        throw new TypeError(`Request with ${this.method} method cannot have a body`);
      }
    }

    clone() {
      return new Request(this);
    }
  }

  // Ends with the answer, or with the reason of the signal; the request is dropped then.
  function withSignal(signal, args) {
    if (signal === null) {
      return request(args)[0];
    }
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const [answer, call] = request(args);
      const stop = () => {
        forget(call);
        reject(signal.reason);
      };
      signal.addEventListener("abort", stop);
      answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
    });
  }

  define(globalThis, "fetch", async function fetch(input, init) {
    const asked = new Request(input, init);
    const { method, url, redirect } = asked;
    const headers = Object.fromEntries(asked.headers);
    const body = Message.bytes(asked);
    const answer = await withSignal(asked.signal, { method, url, redirect, headers, ...(body === null ? {} : { body }) });
    const lists = Object.entries(answer.headers).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
    return new Response(answer.body, {
      status: answer.status,
      headers: lists,
      [seen]: { url: answer.url, redirected: answer.redirected },
    });
  });
  define(globalThis, "Headers", Headers);
  define(globalThis, "Request", Request);
  define(globalThis, "Response", Response);
}
