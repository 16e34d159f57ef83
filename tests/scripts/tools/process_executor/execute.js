// A program and its arguments, which no shell has seen.
const r = await Tool.process_executor({ executable: "echo", arguments: ["a b", 5, "$HOME; ls"] });
const split = await Tool.process_executor({ command: "echo 'a  b' c", trim: true });
export default { output: r.output, stdout: r.stdout, stderr: r.stderr, exit_code: r.exit_code, success: r.data.success,
  timed_out: r.timed_out, name: r.executable.split("/").pop(), split: split.output, arguments: split.arguments,
  confined: typeof r.metadata.confinement === "object" ? "table" : "" };
