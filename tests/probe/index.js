// Passes everything on to the producers Worker, cron ticks too, but for two paths of its own:
//   POST /probe/queue/<binding>      [{"body", "contentType"}, ...]: sends these messages to a queue, in one batch
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
