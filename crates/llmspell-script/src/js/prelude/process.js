// process: what ends the script by itself.
export default function (host) {
  const { define, exit, raise } = host;

  define(globalThis, "process", {
    exit(code = 0) {
      const number = typeof code === "boolean" ? Number(!code) : code;
      if (!Number.isInteger(number)) {
        raise("invalid_args", `process.exit: expected a whole number, got ${typeof code}`);
      }
      exit(number & 255);
    },
  });
}
