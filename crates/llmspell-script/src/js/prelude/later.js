// What a script may never use is loaded when it does.
export default function (host) {
  const { define, load } = host;

  // Globals that a module defines. What the script has put in their place meanwhile stays.
  host.later = (module, names) => {
    const waiting = new Map();
    const isWaiting = (name) => Object.getOwnPropertyDescriptor(globalThis, name)?.get === waiting.get(name);
    const bring = () => {
      const own = names.filter((name) => !isWaiting(name)).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
      load(module);
      for (const [name, descriptor] of own) {
        delete globalThis[name];
        if (descriptor !== undefined) {
          Object.defineProperty(globalThis, name, descriptor);
        }
      }
    };
    for (const name of names) {
      const get = () => {
        bring();
        return globalThis[name];
      };
      waiting.set(name, get);
      Object.defineProperty(globalThis, name, { get, set: (value) => define(globalThis, name, value), configurable: true });
    }
  };

  // Functions of the host object that a module defines.
  host.laterHere = (module, names) => {
    for (const name of names) {
      const first = (...values) => {
        if (host[name] === first) {
          load(module);
        }
        return host[name](...values);
      };
      host[name] = first;
    }
  };
}
