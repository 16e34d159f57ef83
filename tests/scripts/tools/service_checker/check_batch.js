// Several services; what is wrong with one keeps the others from nothing.
const r = await Tool.service_checker({ operation: "check_batch", services: [
  { name: "shut", host: "127.0.0.1", port: 1 },
  { name: "private", target: "10.0.0.1:80" },
  { name: "name", target: "localhost" },
] });
const seen = r.results.map((result) => [result.name, result.available, result.error_kind ?? ""]);
export default { available_count: r.available_count, total: r.total, seen };
