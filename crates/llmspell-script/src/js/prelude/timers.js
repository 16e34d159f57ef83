// setTimeout, setInterval and what clears them.
export default function (host) {
  if (!host.withTimers) {
    return;
  }
  const { define, setTimer, clearTimer } = host;

  function timer(name, again) {
    return function (body, wait = 0, ...args) {
      if (typeof body !== "function") {
        host.raise("invalid_args", `${name}: expected a function, got ${typeof body}`);
      }
      const milliseconds = Number(wait);
      return setTimer(() => body(...args), milliseconds > 0 ? milliseconds : 0, again);
    };
  }

  const clear = (number) => {
    if (typeof number === "number") {
      clearTimer(number);
    }
  };
  define(globalThis, "setTimeout", timer("setTimeout", false));
  define(globalThis, "setInterval", timer("setInterval", true));
  define(globalThis, "setImmediate", (body, ...args) => globalThis.setTimeout(body, 0, ...args));
  for (const name of ["clearTimeout", "clearInterval", "clearImmediate"]) {
    define(globalThis, name, clear);
  }
}
