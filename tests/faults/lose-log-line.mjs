// Loaded into wrangler by a test (NODE_OPTIONS=--import=…): the first log line that the local broker posts for a batch of
// the queue LOSE_LOG_LINE_OF is cut off. From then on that broker delivers nothing of this queue: docs/local-queues.md.
import http from 'node:http';

const line = `QUEUE ${process.env.LOSE_LOG_LINE_OF} `;
const createServer = http.createServer;
let lost = false;

http.createServer = (...args) => {
  const server = createServer(...args);
  server.prependListener('request', (request) => {
    if (lost || request.method !== 'POST') return;
    const emit = request.emit;
    request.emit = (event, ...values) => {
      if (event === 'data' && !lost && values[0].includes(line)) {
        lost = true;
        console.log(`{"level":"WARN","message":"a log line was cut off"}`);
        request.socket.destroy();
      }
      return emit.call(request, event, ...values);
    };
  });
  return server;
};
