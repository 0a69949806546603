import { Problem } from '../../vocabulary/problem.ts';
import { isLate } from '../lists/pages.ts';
import type { Run } from '../run.ts';

/** How far a check has come: told as progress, and ended where the call has no more time. */
export class Pace {
  readonly #run: Run;
  #asked = Date.now();
  #done = 0;

  constructor(run: Run) {
    this.#run = run;
  }

  /** So many records or rows more are looked at. Throws a Problem where the time is up, the call's error where it is cancelled. */
  step(count: number): void {
    const { operation, options } = this.#run;
    options.signal.throwIfAborted();
    this.#done += count;
    options.progress?.(this.#done);
    if (isLate(options.deadline, this.#asked)) {
      throw new Problem(
        `${operation.name}: the check did not come to its end; nothing was changed.`,
        `After ${this.#done} records the time for a call was up.`,
        'Do it in parts, or ask the user to raise PIPEDRIVE_DEADLINE.',
      );
    }
    this.#asked = Date.now();
  }
}
