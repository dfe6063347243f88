// Sorts what wrangler prints: the Workers' JSON lines go to stdout as they are, problems to stderr, its chatter nowhere.

/** When nobody reads our output, this much is kept for them; more is dropped, so that the pipeline never waits for a reader. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

const COLOUR = /\x1b\[[\d;]*m/g;
const WORKER_PREFIX = /^\[[\w-]+\] /;
const CHATTER = [
  /^\s*$/,
  /^\[wrangler:info\]/,
  /^⎔ /,
  /^🪵/u,
  /has access to the following bindings:$/,
  /^Binding\s+Resource\s+Mode$/,
  /^env\.\w+ \(/,
  // We tick ourselves (ticks.mjs).
  /Scheduled Workers are not automatically triggered/,
  /To manually trigger a scheduled event, run:/,
  /curl "http.*\/cdn-cgi\/\w+\/scheduled"/,
  /For more details, see .*cron-triggers/,
  /^Service bindings, Durable Object bindings, and Tail consumers connect/,
];

/** A record that tells how a queue is doing: queues.mjs. */
const SIGNAL = '"signal":"';

/** Sends the lines of wrangler's two streams where they belong, and `observe`s the records with a signal. */
export function routeLogs(stdout, stderr, observe) {
  for (const stream of [stdout, stderr]) {
    eachChunkOfLines(stream, (lines) => {
      const records = [];
      const remarks = [];
      for (const line of lines) {
        const text = line.replace(WORKER_PREFIX, '');
        if (text.startsWith('{')) {
          records.push(text);
          if (text.includes(SIGNAL)) observe(parsed(text));
        }
        else if (!CHATTER.some((pattern) => pattern.test(line))) remarks.push(line.replace(COLOUR, ''));
      }
      write(process.stdout, records);
      write(process.stderr, remarks);
    });
  }
}

/** A record; one that was cut when its Worker died says nothing. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** A line of our own. */
export function say(line) {
  write(process.stdout, [line]);
}

/** A line of our own about a problem. */
export function warn(line) {
  write(process.stderr, [line]);
}

// A starter that closes its end of the pipe must not end the pipeline.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

function write(stream, lines) {
  if (lines.length > 0 && stream.writableLength < MAX_WAITING_BYTES) stream.write(`${lines.join('\n')}\n`);
}

function eachChunkOfLines(stream, handle) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    handle(lines);
  });
  stream.on('end', () => handle([rest]));
}
