import { setTimeout as sleep } from 'node:timers/promises';
import Bottleneck from 'bottleneck';

/** Requests with an API token in any two seconds, by plan (Pipedrive's "Rate limiting" page). */
const REQUESTS_PER_2S = { lite: 20, growth: 40, premium: 100, ultimate: 120 } as const;
/** Requests to search endpoints in any two seconds, on every plan. */
const SEARCHES_PER_2S = 10;
/** Two seconds, and a little more: requests that leave evenly may arrive closer together. */
const WINDOW_MS = 2_040;
/** After a pause servers of one token start apart by up to this. */
const SPREAD_MS = 100;

export type Plan = keyof typeof REQUESTS_PER_2S;
/** `bulk` lets every other request pass it in the queue. */
export type Priority = 'single' | 'bulk';
/** Bottleneck's: the lower goes first. */
const PRIORITIES = { single: 4, bulk: 8 } as const satisfies Record<Priority, number>;

/** What an answer says of its window: `x-ratelimit-limit` and `-remaining`. `sentAt` in epoch ms. */
export type Told = { readonly limit: number; readonly remaining: number | undefined; readonly sentAt: number };

/** One rolling window: a slot is taken before a send, and given back one window's length after it. */
class Window {
  pausedUntil = 0;
  /** What the limit is where no answer tells it, and, where the plan is known, the most it may become. */
  readonly #usual: number;
  readonly #windowMs: number;
  readonly #slots: Bottleneck;
  /** When this process sent, in epoch ms, within the last window. */
  #sent: number[] = [];
  /** Of the token, as far as is known. */
  #limit: number;
  #servers = 1;
  /** How many of the window's requests were not ours. */
  #others = 0;
  #forgetOthers: NodeJS.Timeout | undefined;
  #size: number;

  constructor(usual: number, windowMs: number) {
    this.#usual = usual;
    this.#limit = usual;
    this.#size = usual;
    this.#windowMs = windowMs;
    this.#slots = new Bottleneck({ reservoir: usual });
  }

  /** How many requests this process lets out in a window now. */
  get size(): number {
    return this.#size;
  }

  take(signal: AbortSignal, priority: Priority): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#slots
        .schedule({ priority: PRIORITIES[priority] }, async () => {
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

  /** A request went out: its slot comes back when the window has moved past it. */
  sent(): void {
    const now = Date.now();
    this.#sent = this.#sent.filter((at) => at > now - this.#windowMs);
    this.#sent.push(now);
    // Unreferenced: what still waits for a slot is kept alive by its own deadline.
    setTimeout(() => this.give(), this.#windowMs).unref();
  }

  /** Takes the limit that an answer tells, and leaves room for what others with the same token were seen to use. */
  learn({ limit, remaining, sentAt }: Told, most: number | undefined): void {
    this.#limit = Math.max(1, Math.min(limit, most ?? limit));
    if (remaining !== undefined) {
      const ours = this.#sent.filter((at) => at > sentAt - this.#windowMs).length;
      this.#others = Math.max(0, limit - remaining - ours);
      clearTimeout(this.#forgetOthers);
      if (this.#others > 0) {
        this.#forgetOthers = setTimeout(() => {
          this.#others = 0;
          this.#resize();
        }, this.#windowMs).unref();
      }
    }
    this.#resize();
  }

  /** A 429 that told no limit: half of what was believed, and step by step back to what is usual. */
  fall(): void {
    this.#limit = Math.max(1, Math.floor(this.#limit / 2));
    this.#resize();
    const rise = () => {
      if (this.#limit >= this.#usual) return;
      this.#limit += Math.ceil((this.#usual - this.#limit) / 4);
      this.#resize();
      setTimeout(rise, 2 * this.#windowMs).unref();
    };
    setTimeout(rise, 2 * this.#windowMs).unref();
  }

  share(servers: number): void {
    this.#servers = servers;
    this.#resize();
  }

  #resize(): void {
    const part = Math.floor(this.#limit / this.#servers);
    const size = Math.max(1, Math.min(part, this.#limit - this.#others));
    const more = size - this.#size;
    this.#size = size;
    // Below zero it waits until as many slots have come back.
    if (more !== 0) this.#slots.incrementReservoir(more);
  }
}

/**
 * Keeps the burst limits of one token: the plan's where it is known, else the smallest plan's until answers tell a
 * higher one. A search needs a slot of both windows, each reckoned from the send itself.
 */
export class Throttle {
  readonly #all: Window;
  readonly #searches: Window;
  readonly #most: number | undefined;
  #waiting = 0;

  /** `windowMs` is for tests. */
  constructor(plan: Plan | undefined, windowMs = WINDOW_MS) {
    this.#most = plan && REQUESTS_PER_2S[plan];
    this.#all = new Window(REQUESTS_PER_2S[plan ?? 'lite'], windowMs);
    this.#searches = new Window(SEARCHES_PER_2S, windowMs);
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

  /** What an answer tells of the limit. That of a search may speak of either window, so it is not asked. */
  learn(search: boolean, told: Told): void {
    if (!search) this.#all.learn(told, this.#most);
  }

  /** A 429: nothing of this kind goes out before `until` (epoch ms), and less than before where it told no limit. */
  refused(search: boolean, until: number | undefined, toldLimit: boolean): void {
    const window = search ? this.#searches : this.#all;
    if (!toldLimit) window.fall();
    if (until !== undefined) window.pausedUntil = Math.max(window.pausedUntil, until);
  }

  /** So many servers use the token on this machine: each takes its part. */
  share(servers: number): void {
    this.#all.share(servers);
    this.#searches.share(servers);
  }

  /** Runs `send` in its turn; rejects with the signal's reason as soon as it aborts. */
  async run<T>(
    { search, priority, signal }: { search: boolean; priority: Priority; signal: AbortSignal },
    send: (onSent: () => void) => Promise<T>,
  ): Promise<T> {
    const taken: Window[] = [];
    let sent = false;
    try {
      this.#waiting++;
      try {
        for (const window of this.#windows(search)) {
          signal.throwIfAborted();
          await window.take(signal, priority);
          taken.push(window);
        }
        for (;;) {
          const wait = this.pausedUntil(search) - Date.now();
          if (wait <= 0) break;
          // Looked at again now and then: timers cannot hold more than 24 days.
          await sleep(Math.min(wait + Math.random() * SPREAD_MS, 60_000), undefined, { signal });
        }
      } finally {
        this.#waiting--;
      }
      return await send(() => {
        sent = true;
        for (const window of taken) window.sent();
      });
    } finally {
      if (!sent) await Promise.all(taken.map((window) => window.give()));
    }
  }

  #windows(search: boolean): Window[] {
    return search ? [this.#searches, this.#all] : [this.#all];
  }
}
