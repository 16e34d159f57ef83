// Whether an account can be used.
const files = await Tool.email_sender({ operation: "verify", provider: "files" });
const shut = await Tool.email_sender({ operation: "test", provider: "shut" });
export default { files: files.output, provider: files.provider, shut: shut.output, success: shut.success,
  available: shut.available, said: typeof shut.data.error };
