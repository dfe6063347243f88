// Loaded into wrangler by a test (NODE_OPTIONS=--import=…): its servers close a connection that rests for 20 ms, unless they
// say themselves how long it may, as a broker that is to live needs it: docs/local-queues.md.
import http from 'node:http';

const createServer = http.createServer;

http.createServer = (...args) => {
  const server = createServer(...args);
  server.keepAliveTimeout = 20;
  return server;
};
