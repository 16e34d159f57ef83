// The tools that every run has.
const names = {};
for (const name of ["base64_encoder", "calculator", "data_validation", "date_time_handler", "diff_calculator",
  "hash_calculator", "json_processor", "template_engine", "text_manipulator", "uuid_generator"]) {
  const tool = await Tool.get(name);
  names[name] = { category: tool.category, version: tool.version, security_level: tool.schema.security_level };
}
export default names;
