import { type Call, PipedriveError } from './errors.ts';
import type { Priority } from './throttle.ts';

/** `deadline` in epoch milliseconds. */
export type CallOptions = {
  /** Every other call passes one of these in the queue. */
  priority?: Priority;
  signal: AbortSignal;
  deadline: number;
  /**
   * Of a write: what is to be done when its turn in the queue has come, once, before it is sent. Where that fails, nothing
   * is sent, and the call fails with the same error.
   */
  onTurn?: () => Promise<void>;
  /** A request that is out when the call is cancelled is waited for, and nothing is sent after it. */
  settles?: true;
  /** Told how far a call of several requests has come: so many records, of so many at most. */
  progress?: (done: number, of?: number) => void;
  /** Counts what is sent for it; of a read that several share, for the one who asked first. */
  spent?: Spent;
};

/** Requests, those that were tried again too, and tokens of the daily budget. */
export type Spent = { requests: number; tokens: number };

/** setTimeout's largest delay; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** One request on its way and everybody who waits for it. It is given up when the last of them leaves. */
export class Flight<T> {
  readonly call: Call;
  /** The latest deadline of those who wait. */
  deadline = 0;
  /** As the most urgent of those who wait. */
  priority: Priority = 'bulk';
  /** A request is out and its answer is awaited. */
  sending = false;
  /** Counts what it takes. */
  spent: Spent | undefined;
  /** Of a write: may it have happened by now? */
  applied: 'no' | 'unknown' = 'no';
  /** See CallOptions. */
  onTurn: CallOptions['onTurn'];
  readonly #controller = new AbortController();
  readonly #run: (flight: Flight<T>) => Promise<T>;
  #answer: Promise<T> | undefined;
  #callers = 0;

  constructor(call: Call, run: (flight: Flight<T>) => Promise<T>) {
    this.call = call;
    this.#run = run;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Its turn has come. */
  async turn(): Promise<void> {
    this.signal.throwIfAborted();
    const { onTurn } = this;
    this.onTurn = undefined;
    await onTurn?.();
    this.signal.throwIfAborted();
  }

  cancel(): void {
    this.fail(this.#failure('cancelled'));
  }

  /** Ends it with an error for all who wait. */
  fail(error: PipedriveError): void {
    this.#controller.abort(error);
  }

  /** The answer, or 'cancelled' or 'deadline' as soon as this caller's own signal or deadline says so. */
  join(options: CallOptions): Promise<T> {
    const { signal, deadline } = options;
    this.deadline = Math.max(this.deadline, deadline);
    if (options.priority !== 'bulk') this.priority = 'single';
    if (this.#callers++ === 0) this.spent = options.spent;
    this.#answer ??= this.#run(this);
    const answer = this.#answer;
    return new Promise((resolve, reject) => {
      const leave = (code: 'cancelled' | 'deadline') => {
        settle();
        const error = this.#failure(code);
        reject(error);
        if (--this.#callers === 0) this.#controller.abort(error);
      };
      const onAbort = () => {
        // With no time left it is not tried again.
        if (options.settles && this.sending) this.deadline = 0;
        else leave('cancelled');
      };
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
