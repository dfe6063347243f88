// Cron triggers: production fires them every minute, wrangler does not.
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { warn } from './logs.mjs';
import { HOST } from './ports.mjs';

const MINUTE_MILLISECONDS = 60_000;
const CRON = '* * * * *';

/** One tick at the start of each minute until `signal` aborts. */
export async function tickEveryMinute(port, signal) {
  while (!signal.aborted) {
    const planned = (Math.floor(Date.now() / MINUTE_MILLISECONDS) + 1) * MINUTE_MILLISECONDS;
    await sleep(planned - Date.now(), undefined, { signal, ref: false }).catch(() => {});
    if (!signal.aborted) await tick(port, planned);
  }
}

/** As production does, a tick that fails is not repeated: the next one makes up for it. */
function tick(port, planned) {
  const path = `/cdn-cgi/handler/scheduled?cron=${encodeURIComponent(CRON)}&time=${planned}`;
  return new Promise((resolve) => {
    const request = get({ host: HOST, port, path, agent: false, timeout: MINUTE_MILLISECONDS / 2 }, (response) => {
      response.resume();
      if (response.statusCode !== 200) warn(`MonoTask: the tick was answered with ${response.statusCode}`);
      response.on('close', resolve);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', resolve);
  });
}
