// What the harness asks for, from the command line.
import { isAbsolute } from 'node:path';
import { parseArgs } from 'node:util';

const USAGE = 'node run.mjs --measure bulk|latency --tasks N --bytes B --state DIR [--sink URL]';
/** The longest line we can promise: below this the fields alone are longer. */
const MIN_BYTES = 110;

/** Reads the command line; throws with the usage when it is wrong. */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      measure: { type: 'string' },
      tasks: { type: 'string' },
      bytes: { type: 'string' },
      state: { type: 'string' },
      sink: { type: 'string' },
    },
  });
  const options = {
    measure: values.measure,
    tasks: Number(values.tasks),
    bytes: Number(values.bytes),
    stateDir: values.state,
    sink: values.sink,
  };
  const wrong =
    (!['bulk', 'latency'].includes(options.measure) && '--measure is bulk or latency') ||
    (!(Number.isInteger(options.tasks) && options.tasks > 0) && '--tasks is a number above 0') ||
    (!(Number.isInteger(options.bytes) && options.bytes >= MIN_BYTES) && `--bytes is a number from ${MIN_BYTES} on`) ||
    (!(options.stateDir && isAbsolute(options.stateDir)) && '--state is the absolute path of an empty folder');
  if (wrong) throw new Error(`${wrong}. Usage: ${USAGE}`);
  return options;
}
