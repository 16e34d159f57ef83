// TextEncoder and TextDecoder, for UTF-8.
export default function (host) {
  const { define, encode, decode } = host;

  define(globalThis, "TextEncoder", class TextEncoder {
    get encoding() {
      return "utf-8";
    }

    encode(text = "") {
      return encode(String(text));
    }

    encodeInto(text, target) {
      let read = 0, written = 0;
      for (const letter of String(text)) {
        const bytes = encode(letter);
        if (written + bytes.length > target.length) {
          break;
        }
        target.set(bytes, written);
        written += bytes.length;
        read += letter.length;
      }
      return { read, written };
    }
  });

  function bytesOf(input) {
    if (input === undefined) {
      return new Uint8Array();
    }
    if (input instanceof ArrayBuffer) {
      return new Uint8Array(input);
    }
    if (ArrayBuffer.isView(input)) {
      return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
    }
    throw new TypeError("TextDecoder: expected bytes");
  }

  // How many bytes at the end are the beginning of a character.
  function unfinished(bytes) {
    for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
      const byte = bytes[bytes.length - back];
      if (byte >= 0xc0) {
        const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
        return back < length ? back : 0;
      }
      if (byte < 0x80) {
        return 0;
      }
    }
    return 0;
  }

  define(globalThis, "TextDecoder", class TextDecoder {
    #kept = new Uint8Array();
    #begun = false;

    constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
      if (!["utf-8", "utf8", "unicode-1-1-utf-8"].includes(String(label).trim().toLowerCase())) {
        throw new RangeError(`TextDecoder: the encoding '${label}' is not supported, only utf-8`);
      }
      this.fatal = fatal;
      this.ignoreBOM = ignoreBOM;
    }

    get encoding() {
      return "utf-8";
    }

    decode(input, { stream = false } = {}) {
      const given = bytesOf(input);
      let bytes = new Uint8Array(this.#kept.length + given.length);
      bytes.set(this.#kept);
      bytes.set(given, this.#kept.length);
      const keep = stream ? unfinished(bytes) : 0;
      this.#kept = bytes.slice(bytes.length - keep);
      bytes = bytes.slice(0, bytes.length - keep);
      let text = decode(bytes, this.fatal);
      if (!this.#begun && !this.ignoreBOM && text.startsWith("\ufeff")) {
        text = text.slice(1);
      }
      this.#begun = stream && (this.#begun || text.length > 0);
      return text;
    }
  });
}
