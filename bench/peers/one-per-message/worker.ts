// What a Cloudflare user writes today to run many small tasks: one queue message for each task, and a Durable Object
// that remembers which are done, because a queue delivers a message at least once and tells nobody when it is empty.
import { DurableObject } from 'cloudflare:workers';

interface Task {
  kind: string;
  payload: { order: string };
}

interface Env {
  TASKS: Queue<Task>;
  PROGRESS: DurableObjectNamespace<Progress>;
  SINK: string;
}

/** The platform's limit for one sendBatch: https://developers.cloudflare.com/queues/platform/limits/ */
const MAX_SEND_BATCH = 100;

export default {
  async fetch(request, env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method === 'POST' && pathname === '/tasks') return accept(request, env);
    if (pathname === '/progress') return Response.json(await progress(env).read());
    if (pathname === '/check') return Response.json(await progress(env).check(searchParams.get('below') ?? ''));
    return new Response('not found', { status: 404 });
  },

  async queue(batch, env): Promise<void> {
    const results = await Promise.allSettled(batch.messages.map(({ body }) => perform(body, env)));
    const done = batch.messages.filter((_, index) => results[index].status === 'fulfilled');
    // Counted before they are acknowledged: a crash between the two counts again what is already there, and loses nothing.
    await progress(env).finish(done.map(({ body }) => body.payload.order));
    batch.messages.forEach((message, index) => (results[index].status === 'fulfilled' ? message.ack() : message.retry()));
  },
} satisfies ExportedHandler<Env, Task>;

/** Takes lines of JSON, one task each. 503 means that some, not necessarily all, were not accepted: send the request again. */
async function accept(request: Request, env: Env): Promise<Response> {
  const lines = (await request.text()).split('\n').filter((line) => line !== '');
  const messages = lines.map((line) => ({ body: JSON.parse(line) as Task }));
  try {
    for (let from = 0; from < messages.length; from += MAX_SEND_BATCH) {
      await env.TASKS.sendBatch(messages.slice(from, from + MAX_SEND_BATCH));
    }
  } catch (error) {
    return new Response(String(error), { status: 503 });
  }
  return Response.json({ accepted: messages.length }, { status: 202 });
}

async function perform(task: Task, env: Env): Promise<void> {
  if (env.SINK === '') return;
  const response = await fetch(env.SINK, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(task.payload),
  });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`the sink answered ${response.status}`);
}

function progress(env: Env): DurableObjectStub<Progress> {
  return env.PROGRESS.get(env.PROGRESS.idFromName('all'));
}

/** Which orders are done, and how often each ran. */
export class Progress extends DurableObject<Env> {
  private done: number;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    const sql = state.storage.sql;
    sql.exec('CREATE TABLE IF NOT EXISTS done (id TEXT PRIMARY KEY, runs INTEGER NOT NULL) WITHOUT ROWID');
    this.done = sql.exec<{ n: number }>('SELECT count(*) AS n FROM done').one().n;
  }

  /** One statement for a whole batch. */
  finish(orders: string[]): void {
    const { sql } = this.ctx.storage;
    const cursor = sql.exec<{ runs: number }>(
      `INSERT INTO done (id, runs) SELECT value, 1 FROM json_each(?) WHERE true
       ON CONFLICT (id) DO UPDATE SET runs = runs + 1 RETURNING runs`,
      JSON.stringify(orders),
    );
    for (const { runs } of cursor) if (runs === 1) this.done += 1;
  }

  read(): { done: number } {
    return { done: this.done };
  }

  /** How many of the orders below `end` are done, and how many of them ran more than once. */
  check(end: string): { distinct: number; repeated: number } {
    return this.ctx.storage.sql
      .exec<{ distinct: number; repeated: number }>(
        'SELECT count(*) AS "distinct", count(*) FILTER (WHERE runs > 1) AS repeated FROM done WHERE id < ?',
        end,
      )
      .one();
  }
}
