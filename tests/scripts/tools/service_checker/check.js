// A port at which nobody listens is an answer; a name is found.
const shut = await Tool.service_checker({ target: "127.0.0.1:1", retries: 1, retry_delay_ms: 0 });
const name = await Tool.service_checker({ target: "localhost", check_type: "dns" });
export default { success: shut.success, operation: shut.operation, available: shut.output, type: shut.check_type,
  host: shut.host, port: shut.port, attempts: shut.attempts, limit: shut.timeout_seconds, said: typeof shut.data.error,
  name: name.available, addresses: name.data.metadata.address_count > 0 };
