const HOLDS_MS = 10 * 60_000;

/** Remembers when text from outside was last returned: for ten minutes it may speak through the model that read it. */
export class Taint {
  readonly #now: () => number;
  #read: number | undefined;

  /** `now` is for tests. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  note(): void {
    this.#read = this.#now();
  }

  /** How many minutes ago it was read; undefined where that is too long ago to count. */
  minutes(): number | undefined {
    if (this.#read === undefined) return undefined;
    const past = this.#now() - this.#read;
    return past > HOLDS_MS ? undefined : Math.floor(past / 60_000);
  }
}
