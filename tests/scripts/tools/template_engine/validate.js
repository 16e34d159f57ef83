// Checks a template without rendering it.
const good = await Tool.template_engine({ operation: "validate", input: "{{ name }}" });
const bad = await Tool.template_engine({ operation: "validate", input: "fine\n{{ name " });
export default { good: [good.output, good.valid], bad: [bad.success, bad.output, bad.line, typeof bad.data.error] };
