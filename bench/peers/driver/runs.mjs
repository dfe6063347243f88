// Which tasks ran, and how often: one byte for each task number.
import { numberOf } from './tasks.mjs';

export class Runs {
  constructor(tasks) {
    this.counts = new Uint8Array(tasks);
    /** Runs of numbered tasks. */
    this.total = 0;
    /** Runs of all tasks, warm-ups too. */
    this.finished = 0;
  }

  record(payload) {
    this.finished += 1;
    const number = numberOf(payload);
    if (number === undefined) return;
    this.total += 1;
    if (this.counts[number] < 255) this.counts[number] += 1;
  }
}

/** What several workers' counts say together. */
export function sumUp(tasks, allCounts) {
  let distinct = 0;
  let repeated = 0;
  for (let number = 0; number < tasks; number += 1) {
    const runs = allCounts.reduce((sum, counts) => sum + counts[number], 0);
    if (runs > 0) distinct += 1;
    if (runs > 1) repeated += 1;
  }
  return { distinct, repeated };
}
