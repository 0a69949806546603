import type { Answer } from './envelope.ts';
import { type Call, PipedriveError } from './errors.ts';

/** `deadline` in epoch milliseconds. */
export type CallOptions = { signal: AbortSignal; deadline: number };

/** setTimeout's largest delay; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** One request on its way and everybody who waits for it. It is given up when the last of them leaves. */
export class Flight {
  readonly call: Call;
  /** The latest deadline of those who wait. */
  deadline = 0;
  /** Of a write: may it have happened by now? */
  applied: 'no' | 'unknown' = 'no';
  readonly #controller = new AbortController();
  readonly #run: (flight: Flight) => Promise<Answer>;
  #answer: Promise<Answer> | undefined;
  #callers = 0;

  constructor(call: Call, run: (flight: Flight) => Promise<Answer>) {
    this.call = call;
    this.#run = run;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  cancel(): void {
    this.#controller.abort(this.#failure('cancelled'));
  }

  /** The answer, or 'cancelled' or 'deadline' as soon as this caller's own signal or deadline says so. */
  join(options: CallOptions): Promise<Answer> {
    const { signal, deadline } = options;
    this.deadline = Math.max(this.deadline, deadline);
    this.#callers++;
    this.#answer ??= this.#run(this);
    const answer = this.#answer;
    return new Promise((resolve, reject) => {
      const leave = (code: 'cancelled' | 'deadline') => {
        settle();
        const error = this.#failure(code);
        reject(error);
        if (--this.#callers === 0) this.#controller.abort(error);
      };
      const onAbort = () => leave('cancelled');
      const settle = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      const timer = setTimeout(() => leave('deadline'), Math.min(deadline - Date.now(), LONGEST_TIMER_MS));
      signal.addEventListener('abort', onAbort, { once: true });
      answer.finally(settle).then(resolve, reject);
    });
  }

  #failure(code: 'cancelled' | 'deadline'): PipedriveError {
    return new PipedriveError({ code, call: this.call, applied: this.applied });
  }
}
