import { setTimeout as sleep } from 'node:timers/promises';
import Bottleneck from 'bottleneck';

/** Requests with an API token in any two seconds, by plan (Pipedrive's "Rate limiting" page). */
const REQUESTS_PER_2S = { lite: 20, growth: 40, premium: 100, ultimate: 120 } as const;
/** Requests to search endpoints in any two seconds, on every plan. */
const SEARCHES_PER_2S = 10;
/** Two seconds, and a little more: requests that leave evenly may arrive closer together. */
const WINDOW_MS = 2_040;

export type Plan = keyof typeof REQUESTS_PER_2S;

/** One rolling window: a slot is taken before a send, and given back one window's length after it. */
class Window {
  readonly size: number;
  pausedUntil = 0;
  readonly #slots: Bottleneck;

  constructor(size: number) {
    this.size = size;
    this.#slots = new Bottleneck({ reservoir: size });
  }

  take(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#slots
        .schedule(async () => {
          signal.removeEventListener('abort', onAbort);
          // Bottleneck cannot drop a queued job, so an abandoned one hands its slot on when its turn comes.
          if (signal.aborted) await this.give();
          else resolve();
        })
        .catch(reject);
    });
  }

  async give(): Promise<void> {
    await this.#slots.incrementReservoir(1);
  }
}

/** Keeps the plan's burst limits. A search needs a slot of both windows, each reckoned from the send itself. */
export class Throttle {
  readonly #all: Window;
  readonly #searches: Window;
  readonly #windowMs: number;
  #waiting = 0;

  /** No plan means the smallest one's limit. `windowMs` is for tests. */
  constructor(plan: Plan | undefined, windowMs = WINDOW_MS) {
    this.#all = new Window(REQUESTS_PER_2S[plan ?? 'lite']);
    this.#searches = new Window(SEARCHES_PER_2S);
    this.#windowMs = windowMs;
  }

  get requestsPer2s(): number {
    return this.#all.size;
  }
  get searchesPer2s(): number {
    return this.#searches.size;
  }
  /** How many requests wait for a slot now. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The time (epoch ms) until when a request of this kind is held back. */
  pausedUntil(search: boolean): number {
    return Math.max(...this.#windows(search).map((window) => window.pausedUntil));
  }

  /** Lets nothing of this kind out before `until` (epoch ms), as a 429 asks. */
  pause(search: boolean, until: number): void {
    const window = search ? this.#searches : this.#all;
    window.pausedUntil = Math.max(window.pausedUntil, until);
  }

  /** Runs `send` in its turn; rejects with the signal's reason as soon as it aborts. */
  async run<T>(search: boolean, signal: AbortSignal, send: (onSent: () => void) => Promise<T>): Promise<T> {
    const taken: Window[] = [];
    let sent = false;
    try {
      this.#waiting++;
      try {
        for (const window of this.#windows(search)) {
          signal.throwIfAborted();
          await window.take(signal);
          taken.push(window);
        }
        for (;;) {
          const wait = this.pausedUntil(search) - Date.now();
          if (wait <= 0) break;
          // Looked at again now and then: timers cannot hold more than 24 days.
          await sleep(Math.min(wait, 60_000), undefined, { signal });
        }
      } finally {
        this.#waiting--;
      }
      return await send(() => {
        sent = true;
        // Unreferenced: what still waits for a slot is kept alive by its own deadline.
        for (const window of taken) setTimeout(() => window.give(), this.#windowMs).unref();
      });
    } finally {
      if (!sent) await Promise.all(taken.map((window) => window.give()));
    }
  }

  #windows(search: boolean): Window[] {
    return search ? [this.#searches, this.#all] : [this.#all];
  }
}
