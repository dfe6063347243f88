// Takes the names of functions out of a wasm file: a tenth of a Worker, and the log line of a panic says where it was.
// worker-build keeps them, whatever it is told.
//   node scripts/strip-names.mjs FILE
import { readFileSync, writeFileSync } from 'node:fs';

const [file] = process.argv.slice(2);
const wasm = readFileSync(file);
const kept = [wasm.subarray(0, 8)];
for (let at = 8; at < wasm.length; ) {
  const size = number(at + 1);
  const end = size.end + size.value;
  if (!isNames(wasm[at], size.end)) kept.push(wasm.subarray(at, end));
  at = end;
}
writeFileSync(file, Buffer.concat(kept));

/** Whether the section of this sort, whose content begins at `at`, is the custom section "name". */
function isNames(sort, at) {
  if (sort !== 0) return false;
  const length = number(at);
  return wasm.toString('utf8', length.end, length.end + length.value) === 'name';
}

/** The LEB128 number at `at`, and where it ends. */
function number(at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = wasm[at++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, end: at };
  }
}
