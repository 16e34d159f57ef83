// Whether a program may run.
const echo = await Tool.process_executor({ operation: "check", executable: "echo" });
const rm = await Tool.process_executor({ operation: "check", executable: "rm" });
export default { echo: echo.output, path: echo.path[0], rm: rm.permitted, reason: rm.reason.match(/^[^(]+[^( ]/)[0] };
