// URL and URLSearchParams.
export default function (host) {
  const { define, parseUrl, changeUrl, encode, decode } = host;

  const plain = /[A-Za-z0-9*\-._]/;
  function escape(text) {
    let out = "";
    for (const byte of encode(String(text))) {
      const letter = String.fromCharCode(byte);
      out += byte === 0x20 ? "+" : plain.test(letter) ? letter : "%" + byte.toString(16).toUpperCase().padStart(2, "0");
    }
    return out;
  }

  function unescape(text) {
    const source = encode(text.replaceAll("+", " "));
    const bytes = [];
    for (let at = 0; at < source.length; at += 1) {
      const hex = source[at] === 0x25 ? String.fromCharCode(source[at + 1], source[at + 2]) : "";
      if (/^[0-9A-Fa-f]{2}$/.test(hex)) {
        bytes.push(parseInt(hex, 16));
        at += 2;
      } else {
        bytes.push(source[at]);
      }
    }
    return decode(new Uint8Array(bytes), false);
  }

  function parse(query) {
    return query.split("&").filter((pair) => pair !== "").map((pair) => {
      const [name, ...value] = pair.split("=");
      return [unescape(name), unescape(value.join("="))];
    });
  }

  const attach = Symbol("attach");

  class URLSearchParams {
    #pairs = [];
    #changed = () => {};

    constructor(init = "") {
      if (init !== null && typeof init === "object") {
        const pairs = typeof init[Symbol.iterator] === "function" ? Array.from(init) : Object.entries(init);
        this.#pairs = pairs.map(([name, value]) => [String(name), String(value)]);
      } else {
        this.#pairs = parse(String(init).replace(/^\?/, ""));
      }
    }

    // Called by the URL that the parameters belong to.
    [attach](query, changed) {
      this.#pairs = parse(query.replace(/^\?/, ""));
      this.#changed = changed;
    }

    get size() {
      return this.#pairs.length;
    }

    append(name, value) {
      this.#pairs.push([String(name), String(value)]);
      this.#changed();
    }

    delete(name, value) {
      this.#pairs = this.#pairs.filter(([own, held]) => own !== String(name) || value !== undefined && held !== String(value));
      this.#changed();
    }

    get(name) {
      return this.#pairs.find(([own]) => own === String(name))?.[1] ?? null;
    }

    getAll(name) {
      return this.#pairs.filter(([own]) => own === String(name)).map(([, value]) => value);
    }

    has(name, value) {
      return this.#pairs.some(([own, held]) => own === String(name) && (value === undefined || held === String(value)));
    }

    set(name, value) {
      const at = this.#pairs.findIndex(([own]) => own === String(name));
      const rest = this.#pairs.filter(([own], index) => own !== String(name) || index === at);
      if (at < 0) {
        rest.push([String(name), String(value)]);
      } else {
        rest[rest.findIndex(([own]) => own === String(name))] = [String(name), String(value)];
      }
      this.#pairs = rest;
      this.#changed();
    }

    sort() {
      this.#pairs.sort(([left], [right]) => left < right ? -1 : left > right ? 1 : 0);
      this.#changed();
    }

    forEach(body, self) {
      for (const [name, value] of this.#pairs) {
        body.call(self, value, name, this);
      }
    }

    *entries() {
      yield* this.#pairs.map((pair) => [...pair]);
    }

    *keys() {
      yield* this.#pairs.map(([name]) => name);
    }

    *values() {
      yield* this.#pairs.map(([, value]) => value);
    }

    [Symbol.iterator]() {
      return this.entries();
    }

    toString() {
      return this.#pairs.map(([name, value]) => `${escape(name)}=${escape(value)}`).join("&");
    }
  }

  class URL {
    #parts;
    #query = new URLSearchParams();

    constructor(text, base) {
      const parts = base === undefined ? parseUrl(String(text)) : parseUrl(String(text), String(base));
      if (!parts) {
        throw new TypeError(`Invalid URL: ${text}`);
      }
      this.#accept(parts);
    }

    static canParse(text, base) {
      return (base === undefined ? parseUrl(String(text)) : parseUrl(String(text), String(base))) != null;
    }

    static parse(text, base) {
      return URL.canParse(text, base) ? new URL(text, base) : null;
    }

    #accept(parts) {
      this.#parts = parts;
      this.#query[attach](parts.search, () => {
        this.#parts = changeUrl(this.#parts.href, "search", this.#query.toString());
      });
    }

    get href() {
      return this.#parts.href;
    }

    set href(text) {
      const parts = parseUrl(String(text));
      if (!parts) {
        throw new TypeError(`Invalid URL: ${text}`);
      }
      this.#accept(parts);
    }

    get origin() {
      return this.#parts.origin;
    }

    get searchParams() {
      return this.#query;
    }

    toString() {
      return this.href;
    }

    toJSON() {
      return this.href;
    }

    static {
      for (const part of ["protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"]) {
        Object.defineProperty(URL.prototype, part, {
          get() {
            return this.#parts[part];
          },
          set(value) {
            this.#accept(changeUrl(this.#parts.href, part, String(value)));
          },
          enumerable: true,
          configurable: true,
        });
      }
    }
  }

  define(globalThis, "URL", URL);
  define(globalThis, "URLSearchParams", URLSearchParams);
}
