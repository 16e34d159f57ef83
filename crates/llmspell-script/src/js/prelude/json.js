// JSON: the language's own object, with what the runtime's functions add to it.
export default function (host) {
  const { define, json } = host;
  const native = host.nativeJson;
  const { parse } = JSON;

  // Whole numbers beyond 2^53 come as BigInt, and bad text is an error with line and column.
  define(JSON, "parse", function parse_(text, reviver) {
    if (typeof reviver !== "function") {
      return parse(text);
    }
    parse(text);
    return native.parse(text, reviver);
  });
  define(JSON.parse, "name", "parse");

  define(JSON, "stringify", function stringify(value, replacer, space) {
    if (replacer == null && space === 2) {
      return json(value, true);
    }
    if (typeof replacer === "function" || Array.isArray(replacer) || space !== undefined) {
      return native.stringify(value, replacer, space);
    }
    if (value === undefined) {
      return undefined;
    }
    return json(value, replacer === true);
  });

  define(JSON, "decode", JSON.parse);
  define(JSON, "encode", JSON.stringify);
  define(JSON, "null", null);
  define(JSON, "array", function array(items = []) {
    return Array.isArray(items) ? items : Object.values(items);
  });
}
