// The demo's job: tasks of four sorts, mixed.
//   node tasks.mjs tasks     prints them, one JSON object a line
//   node tasks.mjs archived  reads what `monotask dead groups --json` printed; exits with 0 once every dead letter is in it
//   node tasks.mjs verify    reads what `monotask job --json` printed and says whether every task ended as it should
import { readFileSync } from 'node:fs';

const SORTS = [
  { tasks: 9_000, ends: 'succeeded', task: (n) => ({ payload: { output: { invoice: n } } }) },
  { tasks: 1_000, ends: 'succeeded', task: () => ({ payload: { fail_times: 1 } }) },
  { tasks: 250, ends: 'dead', task: (n) => ({ payload: { fail: 'permanent', error: rejected(n) } }) },
  { tasks: 150, ends: 'dead', task: () => ({ payload: { fail: 'retryable' }, max_attempts: 2 }) },
];

const rejected = (n) => ({ class: 'invoice.rejected', message: `invoice ${n} has no tax number` });

const commands = { tasks, archived, verify };
const command = commands[process.argv[2]];
if (!command) throw new Error(`usage: node tasks.mjs ${Object.keys(commands).join('|')}`);
command();

function tasks() {
  const total = sum(SORTS);
  const lines = SORTS.flatMap((sort) =>
    Array.from({ length: sort.tasks }, (_, n) => ({
      // Evenly spread over the job.
      place: ((n + 0.5) * total) / sort.tasks,
      line: JSON.stringify({ kind: 'simulate', ...sort.task(n) }),
    })),
  );
  lines.sort((a, b) => a.place - b.place);
  process.stdout.write(lines.map(({ line }) => `${line}\n`).join(''));
}

function archived() {
  const { groups } = JSON.parse(readFileSync(0, 'utf8'));
  const found = groups.reduce((total, group) => total + group.count, 0);
  if (found < sum(SORTS.filter((sort) => sort.ends === 'dead'))) process.exit(1);
}

function verify() {
  const { counts } = JSON.parse(readFileSync(0, 'utf8'));
  const expected = { queued: 0, running: 0, retrying: 0, canceled: 0, accepted: sum(SORTS) };
  for (const end of ['succeeded', 'dead']) expected[end] = sum(SORTS.filter((sort) => sort.ends === end));

  const wrong = Object.keys(expected).filter((name) => counts[name] !== expected[name]);
  for (const name of wrong) console.error(`demo: ${name} is ${counts[name]}, expected ${expected[name]}`);
  if (wrong.length > 0) process.exit(1);
  console.log(`demo: ${counts.accepted} accepted = ${counts.succeeded} succeeded + ${counts.dead} dead, as it should be`);
}

function sum(sorts) {
  return sorts.reduce((total, sort) => total + sort.tasks, 0);
}
