// Date, performance.now, Math.random and crypto, over the clock and the random numbers of the run.
export default function (host) {
  const { define, now, random, randomBytes } = host;
  const Native = Date;
  const milliseconds = () => Math.floor(now() / 1000);

  function RunDate(...args) {
    if (new.target === undefined) {
      return new Native(milliseconds()).toString();
    }
    return Reflect.construct(Native, args.length === 0 ? [milliseconds()] : args, new.target);
  }
  define(RunDate, "name", "Date");
  define(RunDate, "length", 7);
  RunDate.prototype = Native.prototype;
  define(Native.prototype, "constructor", RunDate);
  define(RunDate, "now", function now() {
    return milliseconds();
  });
  define(RunDate, "parse", Native.parse);
  define(RunDate, "UTC", Native.UTC);
  define(globalThis, "Date", RunDate);

  let start;
  define(globalThis, "performance", {
    now() {
      const time = now();
      start ??= time;
      return (time - start) / 1000;
    },
  });

  define(Math, "random", random);

  define(globalThis, "crypto", {
    randomUUID() {
      const bytes = randomBytes(16);
      bytes[6] = bytes[6] & 0x0f | 0x40;
      bytes[8] = bytes[8] & 0x3f | 0x80;
      const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
      return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
    },
    getRandomValues(array) {
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
      bytes.set(randomBytes(bytes.length));
      return array;
    },
  });
}
