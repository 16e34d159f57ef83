// How values look on the console.
export default function (host) {
  const { stringify } = host.nativeJson;
  const DEPTH = 4, WIDTH = 76, ITEMS = 100;
  const name = /^[A-Za-z_$][\w$]*$/;

  function quoted(text) {
    const quote = !text.includes("'") ? "'" : !text.includes('"') ? '"' : "`";
    const inside = stringify(text).slice(1, -1).replaceAll('\\"', '"');
    return quote + inside + quote;
  }
  function wrapped(open, parts, close) {
    if (parts.length === 0) {
      return open + close;
    }
    const line = `${open} ${parts.join(", ")} ${close}`;
    if (line.length <= WIDTH && !line.includes("\n")) {
      return line;
    }
    const body = parts.map((part) => "  " + part.replaceAll("\n", "\n  ")).join(",\n");
    return `${open}\n${body}\n${close}`;
  }

  function more(parts, total) {
    if (total > ITEMS) {
      parts.push(`... ${total - ITEMS} more`);
    }
    return parts;
  }

  function className(value) {
    const prototype = Object.getPrototypeOf(value);
    if (prototype === null) {
      return "[Object: null prototype]";
    }
    const found = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value?.name;
    return found && found !== "Object" ? found : "";
  }

  function members(value, open, skip = () => false) {
    const parts = [];
    const keys = Object.keys(value).filter((key) => !skip(key));
    for (const key of keys.slice(0, ITEMS)) {
      const { get, value: member } = Object.getOwnPropertyDescriptor(value, key) ?? {};
      parts.push(`${name.test(key) ? key : quoted(key)}: ${get ? "[Getter]" : show(member, open)}`);
    }
    return more(parts, keys.length);
  }

  function show(value, open) {
    switch (typeof value) {
      case "string":
        return quoted(value);
      case "bigint":
        return `${value}n`;
      case "symbol":
        return value.toString();
      case "object":
      case "function":
        return value === null ? "null" : object(value, open);
      default:
        return Object.is(value, -0) ? "-0" : String(value);
    }
  }

  function object(value, open) {
    if (open.includes(value)) {
      return "[Circular]";
    }
    const tag = Object.prototype.toString.call(value).slice(8, -1);
    if (host.isHandle(value)) {
      return String(value);
    }
    if (typeof value === "function") {
      const kind = Function.prototype.toString.call(value).startsWith("class") ? "class" : "Function";
      return value.name ? `[${kind}: ${value.name}]` : `[${kind} (anonymous)]`;
    }
    if (value instanceof Error) {
      return error(value, open);
    }
    if (value instanceof Date) {
      return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
    }
    if (value instanceof RegExp) {
      return String(value);
    }
    if (value instanceof Promise) {
      return "Promise { ... }";
    }
    if (open.length >= DEPTH) {
      return Array.isArray(value) ? "[Array]" : `[${className(value) || "Object"}]`;
    }
    const inner = [...open, value];
    if (Array.isArray(value)) {
      const parts = more(Array.from(value.slice(0, ITEMS), (item) => show(item, inner)), value.length);
      parts.push(...members(value, inner, (key) => String(key >>> 0) === key));
      return wrapped("[", parts, "]");
    }
    if (value instanceof Map) {
      const parts = Array.from(value).slice(0, ITEMS).map(([key, item]) => `${show(key, inner)} => ${show(item, inner)}`);
      return wrapped(`Map(${value.size}) {`, more(parts, value.size), "}");
    }
    if (value instanceof Set) {
      const parts = Array.from(value).slice(0, ITEMS).map((item) => show(item, inner));
      return wrapped(`Set(${value.size}) {`, more(parts, value.size), "}");
    }
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      const parts = Array.from(value.subarray(0, ITEMS), (item) => show(item, inner));
      return wrapped(`${tag}(${value.length}) [`, more(parts, value.length), "]");
    }
    const own = className(value);
    return wrapped(own ? `${own} {` : "{", members(value, inner), "}");
  }

  function error(value, open) {
    const stack = String(value.stack ?? "").split("\n").filter((line) => line.trim() && !line.includes("[llmspell]"));
    const head = `${value.name}: ${value.message}`;
    const own = open.length >= DEPTH ? [] : members(value, [...open, value], (key) => key === "hints" && value.hints?.length === 0 || key === "details");
    const text = [head, ...stack].join("\n");
    return own.length > 0 ? `${text} ${wrapped("{", own, "}")}` : text;
  }

  // Puts values in one line as `console.log` does: texts as they are, %s and its kin replaced.
  function format(values) {
    const [first, ...rest] = values;
    let text = "";
    if (typeof first === "string" && rest.length > 0 && first.includes("%")) {
      text = first.replace(/%[sdifjoOc%]/g, (sign) => {
        if (sign === "%%") {
          return "%";
        }
        if (rest.length === 0) {
          return sign;
        }
        const value = rest.shift();
        switch (sign) {
          case "%s":
            return typeof value === "string" ? value : show(value, []);
          case "%d":
            return String(Number(value));
          case "%i":
            return String(Math.trunc(Number(value)));
          case "%f":
            return String(Number(value));
          case "%j":
            return host.json(value, false);
          case "%c":
            return "";
          default:
            return show(value, []);
        }
      });
    } else if (values.length > 0) {
      text = typeof first === "string" ? first : show(first, []);
    }
    for (const value of rest) {
      text += " " + (typeof value === "string" ? value : show(value, []));
    }
    return text;
  }

  host.inspect = (value) => show(value, []);
  host.format = format;
}
