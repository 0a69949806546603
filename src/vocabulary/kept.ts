import type { CallOptions } from '../pipedrive/client.ts';

/** How old a kept value may become before it is loaded again. */
const OLD_MS = 10 * 60_000;

/**
 * One thing that changes rarely: loaded when first asked for, in one flight however many wait for it, and kept. A load
 * that set out before `forget` is never kept, since it may tell of before a write.
 */
export class Kept<T> {
  readonly #load: (options: CallOptions) => Promise<T>;
  #value: { is: T; at: number } | undefined;
  #last: T | undefined;
  #loading: Promise<T> | undefined;

  constructor(load: (options: CallOptions) => Promise<T>) {
    this.#load = load;
  }

  /** When the kept value was loaded, in epoch milliseconds. */
  get loadedAt(): number | undefined {
    return this.#value?.at;
  }

  /** What is in memory, however old. */
  get known(): T | undefined {
    return this.#value?.is;
  }

  /** What was loaded last, though it was forgotten since: good for the words of an error, and for nothing else. */
  get last(): T | undefined {
    return this.#last;
  }

  async get(options: CallOptions): Promise<T> {
    const value = this.#value;
    if (value && Date.now() - value.at < OLD_MS) return value.is;
    return this.refresh(options);
  }

  /** Loads anew, joining a load under way. A caller that is cancelled stops waiting; the load goes on for the others. */
  async refresh(options: CallOptions): Promise<T> {
    const { signal } = options;
    signal.throwIfAborted();
    this.#loading ??= this.#fly(options);
    const loading = this.#loading;
    return new Promise((resolve, reject) => {
      const stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      loading.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    });
  }

  forget(): void {
    this.#value = undefined;
    this.#loading = undefined;
  }

  #fly({ deadline, spent }: CallOptions): Promise<T> {
    const flight = this.#load({ signal: new AbortController().signal, deadline, ...(spent ? { spent } : {}) });
    const mine = () => this.#loading === flight;
    flight.then(
      (is) => {
        this.#last = is;
        if (!mine()) return;
        this.#value = { is, at: Date.now() };
        this.#loading = undefined;
      },
      () => {
        if (mine()) this.#loading = undefined;
      },
    );
    return flight;
  }
}
