// console: log, info and debug write to standard output, the others to standard error; write adds no line end.
export default function (host) {
  const { write, format, inspect, readLine } = host;
  let indent = "";

  function put(stream, text) {
    const lines = indent ? indent + text.replaceAll("\n", "\n" + indent) : text;
    write(stream, lines + "\n");
  }

  // What needs no formatting does not load what formats.
  const isPlain = (value) => typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && !Object.is(value, -0));
  const shown = (values) => values.length === 1 && isPlain(values[0]) ? String(values[0]) : format(values);
  const out = (...values) => put(1, shown(values));
  const err = (...values) => put(2, shown(values));
  const counts = new Map(), starts = new Map();
  const took = (label) => `${label}: ${(performance.now() - starts.get(label)).toFixed(3)}ms`;

  const console = {
    log: out,
    info: out,
    debug: out,
    write: (...texts) => write(1, texts.join("")),
    readLine: () => readLine(),
    error: err,
    warn: err,
    dir: (value) => put(1, inspect(value)),
    trace(...values) {
      const lines = new Error().stack.split("\n").filter((line) => line.trim() && !line.includes("[llmspell]"));
      put(2, ["Trace" + (values.length > 0 ? ": " + format(values) : ""), ...lines].join("\n"));
    },
    assert(condition, ...values) {
      if (!condition) {
        put(2, "Assertion failed" + (values.length > 0 ? ": " + format(values) : ""));
      }
    },
    count(label = "default") {
      counts.set(label, (counts.get(label) ?? 0) + 1);
      put(1, `${label}: ${counts.get(label)}`);
    },
    countReset: (label = "default") => void counts.delete(label),
    group(...values) {
      if (values.length > 0) {
        out(...values);
      }
      indent += "  ";
    },
    groupEnd() {
      indent = indent.slice(2);
    },
    time: (label = "default") => void starts.set(label, performance.now()),
    timeLog(label = "default", ...values) {
      if (starts.has(label)) {
        out(took(label), ...values);
      }
    },
    timeEnd(label = "default") {
      if (starts.has(label)) {
        out(took(label));
        starts.delete(label);
      }
    },
    table: (value) => put(1, table(value)),
  };

  // Draws a list of records, or a map of them, as a table.
  function table(value) {
    if (value === null || typeof value !== "object") {
      return format([value]);
    }
    const rows = Object.entries(value);
    const columns = [...new Set(rows.flatMap(([, row]) => row !== null && typeof row === "object" ? Object.keys(row) : []))];
    const plain = rows.some(([, row]) => row === null || typeof row !== "object");
    const head = ["(index)", ...columns, ...(plain ? ["Values"] : [])];
    const body = rows.map(([key, row]) => {
      const record = row !== null && typeof row === "object";
      const cells = columns.map((column) => record && column in row ? inspect(row[column]) : "");
      return [key, ...cells, ...(plain ? [record ? "" : inspect(row)] : [])];
    });
    const widths = head.map((title, at) => Math.max(title.length, ...body.map((row) => row[at].length)));
    const line = (cells) => "│ " + cells.map((cell, at) => cell.padEnd(widths[at])).join(" │ ") + " │";
    const rule = (left, middle, right) => left + widths.map((width) => "─".repeat(width + 2)).join(middle) + right;
    return [rule("┌", "┬", "┐"), line(head), rule("├", "┼", "┤"), ...body.map(line), rule("└", "┴", "┘")].join("\n");
  }

  if (host.withConsole) {
    host.define(globalThis, "console", console);
  }
}
