// Loaded into wrangler by a test (NODE_OPTIONS=--import=…): the first log line that the local broker posts for a batch of
// the queue LOSE_LOG_LINE_OF is cut off. From then on that broker delivers nothing of this queue: docs/local-queues.md.
import http from 'node:http';

// Between the words there may be colours.
const line = new RegExp(`QUEUE.*${process.env.LOSE_LOG_LINE_OF}\\b`);
const createServer = http.createServer;
let lost = false;

http.createServer = (...args) => {
  const server = createServer(...args);
  server.prependListener('request', (request) => {
    if (lost || request.method !== 'POST') return;
    // What the parser hands over, before anybody reads it.
    const push = request.push;
    request.push = (chunk, ...rest) => {
      if (chunk !== null && !lost && line.test(chunk.toString())) {
        lost = true;
        console.log(`{"level":"WARN","message":"a log line was cut off"}`);
        request.socket.destroy();
      }
      return push.call(request, chunk, ...rest);
    };
  });
  return server;
};
