// What the policy refuses, and targets that are none.
const failure = (params) => Tool.service_checker(params).then(
  (r) => [r.success, r.error_kind, r.error],
  (raised) => ["raised", raised.kind, raised.message],
);
export default {
  private: await failure({ target: "192.168.0.1:80" }),
  metadata: (await failure({ url: "http://169.254.169.254/" }))[1],
  port: await failure({ target: "host:99999" }),
  none: await failure({}),
  type: await failure({ target: "host:1", type: "icmp" }),
};
