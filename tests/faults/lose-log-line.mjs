// Loaded into wrangler by a test (NODE_OPTIONS=--import=…): the first log line that the local broker posts for a batch of
// the queue LOSE_LOG_LINE_OF is cut off, once for a state folder. From then on that broker delivers nothing of this queue: docs/local-queues.md.
import { existsSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';

// Between the words there may be colours.
const line = new RegExp(`QUEUE.*${process.env.LOSE_LOG_LINE_OF}\\b`);
const createServer = http.createServer;
const done = join(process.env.STATE_DIR, 'log-line-lost');
let lost = existsSync(done);

http.createServer = (...args) => {
  const server = createServer(...args);
  server.prependListener('request', (request) => {
    if (lost || request.method !== 'POST') return;
    // What the parser hands over, before anybody reads it.
    const push = request.push;
    request.push = (chunk, ...rest) => {
      if (chunk !== null && !lost && line.test(chunk.toString())) {
        lost = true;
        writeFileSync(done, '');
        console.log(`{"level":"WARN","message":"a log line was cut off"}`);
        request.socket.destroy();
      }
      return push.call(request, chunk, ...rest);
    };
  });
  return server;
};
