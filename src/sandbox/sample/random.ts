/**
 * A small deterministic generator (mulberry32). Each subject takes a stream of its own, so that one more deal does not
 * rename every person.
 */
export class Random {
  #state: number;

  constructor(seed: number, stream: string) {
    this.#state = (seed ^ 0x9e3779b9) >>> 0;
    for (const char of stream) this.#state = Math.imul(this.#state ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number, both ends included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Throws where there is nothing to pick from. */
  pick<T>(items: readonly T[]): T {
    const index = this.int(0, items.length - 1);
    const [item] = items.slice(index, index + 1);
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  /** `count` different items, in their own order. */
  some<T>(items: readonly T[], count: number): T[] {
    const kept = new Set(this.shuffle(items.map((_, index) => index)).slice(0, count));
    return items.filter((_, index) => kept.has(index));
  }

  shuffle<T>(items: readonly T[]): T[] {
    const keyed = items.map((item) => ({ item, key: this.next() }));
    return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
  }

  /** `count` values in the proportions given, as exactly as whole numbers allow, shuffled. */
  deck<T>(count: number, shares: readonly (readonly [value: T, share: number])[]): T[] {
    const total = shares.reduce((sum, [, share]) => sum + share, 0);
    const values: T[] = [];
    let before = 0;
    for (const [value, share] of shares) {
      before += share;
      const upTo = Math.round((count * before) / total);
      while (values.length < upTo) values.push(value);
    }
    return this.shuffle(values);
  }

  hex(length: number): string {
    let text = '';
    while (text.length < length) text += this.int(0, 0xffff).toString(16).padStart(4, '0');
    return text.slice(0, length);
  }

  uuid(): string {
    const hex = this.hex(32);
    const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4];
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}
