// The entry of a Worker: written by bundler/, with its Durable Objects at the end.
import { WorkerEntrypoint } from 'cloudflare:workers';
import * as worker from './worker.js';

export default class Entrypoint extends WorkerEntrypoint {}

for (const handler of ['fetch', 'queue', 'scheduled']) {
  if (!(handler in worker)) continue;
  Entrypoint.prototype[handler] = function (event) {
    return worker[handler].call(this, event, this.env, this.ctx);
  };
}

/** Which instance of the wasm is in use. The glue replaces one that trapped, at the next call from outside. */
const instanceId = () => worker.__worker_init_state().instanceId;

/** A Durable Object that outlives the instance of the wasm it was made in. */
function durableObject(Class) {
  class DurableObject {
    #made;
    #madeIn;
    #parts;

    constructor(...parts) {
      this.#parts = parts;
      this.current();
    }

    current() {
      const id = instanceId();
      if (this.#madeIn !== id) {
        this.#made = new Class(...this.#parts);
        this.#madeIn = id;
      }
      return this.#made;
    }
  }
  for (const method of Object.getOwnPropertyNames(Class.prototype)) {
    if (method === 'constructor' || method === 'free' || method.startsWith('_')) continue;
    DurableObject.prototype[method] = function (...args) {
      return this.current()[method](...args);
    };
  }
  return DurableObject;
}
