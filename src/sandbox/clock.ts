import { DateTime } from 'luxon';

/** setTimeout's longest wait. */
const LONGEST_WAIT = 2 ** 31 - 1;

type Timer = { readonly at: number; readonly fire: () => void };

/**
 * The sandbox's own time, so that sample dates and tests do not hang on the machine's. It goes on by itself and can be
 * moved on; its timers fire when it passes them either way, and never keep the process alive.
 */
export class Clock {
  readonly #timers = new Set<Timer>();
  readonly #closing = new AbortController();
  #offset: number;
  #wake: NodeJS.Timeout | undefined;

  constructor(start: Date) {
    this.#offset = start.getTime() - Date.now();
  }

  now(): Date {
    return new Date(Date.now() + this.#offset);
  }

  /** v2's form of a time: RFC 3339, UTC, whole seconds. All records keep this form; v1 answers reshape it. */
  stamp(): string {
    return rfc3339(this.now());
  }

  /** Calls `fire` once when `milliseconds` have passed, unless the clock is closed by then. Returns how to call it off. */
  after(milliseconds: number, fire: () => void): () => void {
    const timer = { at: this.now().getTime() + milliseconds, fire };
    if (!this.closed.aborted) this.#timers.add(timer);
    this.#wind();
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Moves the time on and fires what it passes, in order. */
  advance(milliseconds: number): void {
    this.#offset += milliseconds;
    this.#strike();
  }

  /** Aborted when the clock is closed: for what waits for something else than time. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** Nothing fires any more. */
  close(): void {
    clearTimeout(this.#wake);
    this.#timers.clear();
    this.#closing.abort();
  }

  #strike(): void {
    const now = this.now().getTime();
    const due = [...this.#timers].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    for (const timer of due) {
      // What fired before it may have called it off.
      if (this.#timers.delete(timer)) timer.fire();
    }
    this.#wind();
  }

  #wind(): void {
    clearTimeout(this.#wake);
    if (this.#timers.size === 0) return;
    const next = Math.min(...[...this.#timers].map(({ at }) => at));
    const wait = Math.min(Math.max(next - this.now().getTime(), 0), LONGEST_WAIT);
    this.#wake = setTimeout(() => this.#strike(), wait).unref();
  }
}

export function rfc3339(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

const localDates = new Map<string, string | null>();
const MOST_DATES = 50_000;

/** The date that a stored time has in a zone; remembered, since zones are slow to reckon with and lists ask again. */
export function localDate(stamp: string, zone: string): string | null {
  const key = `${stamp} ${zone}`;
  let date = localDates.get(key);
  if (date === undefined) {
    if (localDates.size >= MOST_DATES) localDates.clear();
    date = DateTime.fromISO(stamp, { zone }).toISODate();
    localDates.set(key, date);
  }
  return date;
}

/** Sorts times of one form, the earliest first. */
export function inTime(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** v1's `YYYY-MM-DD HH:MM:SS`, UTC. */
export function v1Time(stamp: string): string {
  return stamp.slice(0, 19).replace('T', ' ');
}

/** The ISO form with milliseconds that leads, lead labels and comments use. */
export function v1IsoTime(stamp: string): string {
  return `${stamp.slice(0, 19)}.000Z`;
}

/** The form that v1's projects, tasks and project templates use: `2023-09-12 11:12:18.110`. */
export function v1MsTime(stamp: string): string {
  return `${v1Time(stamp)}.000`;
}
