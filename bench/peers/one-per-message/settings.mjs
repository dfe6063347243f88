// Why each has its value, and what else was tried: README.md. PEER_SETTINGS='{"tasksPerRequest":100}' tries another.
// The queue's own settings are in wrangler.toml.
export const settings = {
  tasksPerRequest: 1_000,
  requestsInFlight: 1,
  /** How often a refused request is sent again; 0: what happens to a program that does not. */
  retries: 1_000,
  firstDelayMilliseconds: 50,
  maxDelayMilliseconds: 1_000,
  ...JSON.parse(process.env.PEER_SETTINGS ?? '{}'),
};
