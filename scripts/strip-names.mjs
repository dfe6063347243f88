// Takes the custom sections out of a wasm file: the names of functions (a tenth of a Worker; the log line of a panic says
// where it was) and what it was made with. worker-build keeps them, whatever it is told.
//   node scripts/strip-names.mjs FILE
import { readFileSync, writeFileSync } from 'node:fs';

const [file] = process.argv.slice(2);
const wasm = readFileSync(file);
const kept = [wasm.subarray(0, 8)];
for (let at = 8; at < wasm.length; ) {
  const size = number(at + 1);
  const end = size.end + size.value;
  // Custom sections are number 0: no runtime needs them.
  if (wasm[at] !== 0) kept.push(wasm.subarray(at, end));
  at = end;
}
writeFileSync(file, Buffer.concat(kept));

/** The LEB128 number at `at`, and where it ends. */
function number(at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = wasm[at++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, end: at };
  }
}
