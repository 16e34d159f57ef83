// Lines of JSON, each queried by itself.
const r = await Tool.json_processor({ operation: "stream", input: '{"n":1}\n{"n":2}\n\n{"n":3}', query: ".n * 10" });
const all = await Tool.json_processor({ operation: "jsonl", input: "[1]\n[2]" });
export default { output: r.output, count: r.metadata.result_count, all: all.output };
