// Tells whether a text is encoded well; that it is not is no failure.
const good = await Tool.base64_encoder({ operation: "validate", input: "aGVsbG8=" });
const bad = await Tool.base64_encoder({ operation: "validate", input: "a*b" });
export default { good: good.data, bad: [bad.success, bad.output, typeof bad.data.error] };
