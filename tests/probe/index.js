// Passes everything on to the producers Worker, cron ticks too, but for paths of its own:
//   POST /probe/queue/<binding>      [{"body", "contentType"}, ...]: sends these messages to a queue, in one batch
//   POST /probe/index                [[{"sql", "values"}, ...], ...]: runs each list on D1 as one transaction, one list after
//                                    the other; answers the rows of each statement
//   POST /probe/kv?count=N           {"value", "ttl"}: writes it to KV under N new keys, six at a time
//   ANY  /probe/ledger/<path>        <path> of the ledger Worker
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const [, probe, target, ...rest] = url.pathname.split('/');
    if (probe !== 'probe') return env.PRODUCERS.fetch(request);
    if (target === 'queue') {
      await env[rest[0]].sendBatch((await request.json()).map(message));
      return new Response('');
    }
    if (target === 'index') return Response.json(await transact(env.INDEX, await request.json()));
    if (target === 'kv') {
      await putAll(env.FAILED_TASKS, Number(url.searchParams.get('count')), await request.json());
      return new Response('');
    }
    url.pathname = rest.join('/');
    return env.LEDGER.fetch(new Request(url, request));
  },
  async scheduled({ cron, scheduledTime }, env) {
    await env.PRODUCERS.scheduled({ cron, scheduledTime: new Date(scheduledTime) });
  },
};

function message({ body, contentType }) {
  return { body: contentType === 'bytes' ? new TextEncoder().encode(body) : body, contentType };
}

async function transact(index, transactions) {
  const answers = [];
  for (const statements of transactions) {
    const done = await index.batch(statements.map(({ sql, values }) => index.prepare(sql).bind(...values)));
    answers.push(done.map(({ results }) => results));
  }
  return answers;
}

/** As the archive writes: as many at a time as an invocation may have connections open. */
async function putAll(kv, count, { value, ttl }) {
  const prefix = `probe/${crypto.randomUUID()}`;
  let next = 0;
  const writer = async () => {
    while (next < count) await kv.put(`${prefix}-${next++}`, value, { expirationTtl: ttl });
  };
  await Promise.all(Array.from({ length: 6 }, writer));
}
