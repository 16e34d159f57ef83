// Completion of the word that somebody types.
export default function (host) {
  const keywords = [
    "async", "await", "break", "case", "catch", "class", "const", "continue", "default", "delete", "do", "else", "export",
    "extends", "false", "finally", "for", "function", "if", "import", "in", "instanceof", "let", "new", "null", "of",
    "return", "static", "super", "switch", "this", "throw", "true", "try", "typeof", "undefined", "var", "void", "while", "yield",
  ];

  function names(object) {
    const found = new Set();
    for (let at = object; at !== null && at !== Object.prototype && at !== Function.prototype; at = Object.getPrototypeOf(at)) {
      for (const name of Object.getOwnPropertyNames(at)) {
        if (/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) && (at === object || !Object.hasOwn(Object.prototype, name))) {
          found.add(name);
        }
      }
    }
    return found;
  }

  // Only data is followed: asking a getter would run code of the script.
  function member(object, name) {
    for (let at = object; at !== null && at !== undefined; at = Object.getPrototypeOf(Object(at))) {
      const found = Object.getOwnPropertyDescriptor(Object(at), name);
      if (found) {
        return found.value;
      }
    }
    return undefined;
  }

  host.words = (prefix) => {
    const word = /[\p{L}\p{N}_$.]*$/u.exec(prefix)[0];
    const dot = word.lastIndexOf(".") + 1;
    const [path, last] = [word.slice(0, dot), word.slice(dot)];
    let object = globalThis;
    for (const name of path.split(".").slice(0, -1)) {
      object = member(object, name);
      if (object === null || !["object", "function"].includes(typeof object)) {
        return [];
      }
    }
    const found = names(object);
    if (path === "") {
      keywords.forEach((keyword) => found.add(keyword));
    }
    return [...found].filter((name) => name.startsWith(last)).sort().map((name) => path + name);
  };
}
