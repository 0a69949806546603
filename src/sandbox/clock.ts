/** The sandbox's own time, so that sample dates and tests do not hang on the machine's. */
export class Clock {
  readonly #offset: number;

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
}

export function rfc3339(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** v1's `YYYY-MM-DD HH:MM:SS`, UTC. */
export function v1Time(stamp: string): string {
  return stamp.slice(0, 19).replace('T', ' ');
}

/** The ISO form with milliseconds that leads, lead labels and comments use. */
export function v1IsoTime(stamp: string): string {
  return `${stamp.slice(0, 19)}.000Z`;
}
