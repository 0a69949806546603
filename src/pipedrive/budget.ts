import { type Call, PipedriveError } from './errors.ts';

/** What is kept of a day: `day` is the UTC date; `left` as last told, at `toldAt` (epoch ms). */
export type Kept = {
  readonly day: string;
  readonly spent: number;
  readonly limit?: number | undefined;
  readonly left?: number | undefined;
};

/** Keeps the budget of one account between processes. Neither rejects: what can't be kept is the store's to tell. */
export type BudgetStore = { read(): Promise<Kept | undefined>; write(kept: Kept): Promise<void> };

/** So many tokens, or such a part of the daily limit. */
export type Reserve = { readonly tokens: number } | { readonly part: number };

/** Below this part of the day's budget it counts as short. */
const SHORT = 0.2;

export function isShort({ left, limit }: { left: number | undefined; limit: number | undefined }): boolean {
  return left !== undefined && limit !== undefined && left < SHORT * limit;
}

/** How long after a spending it is written down: many of them at once. */
const SAVE_MS = 1_000;
/** After so long what an answer told of an empty budget is looked at again. */
const STALE_MS = 60_000;

/**
 * The company's daily budget of API tokens, shared by all its users: reckoned by each operation's price from what Pipedrive
 * last told. Source: "Rate limiting" in Pipedrive's documentation; the headers are real but may be missing, and then only
 * this machine's own part is known. It begins anew at midnight of the server, which is taken to be UTC.
 */
export class Budget {
  readonly #store: BudgetStore | undefined;
  readonly #reserve: Reserve;
  readonly #now: () => number;
  #day: string;
  #spent = 0;
  #limit: number | undefined;
  #left: number | undefined;
  #toldAt = 0;
  #unsaved = 0;
  #loading: Promise<void> | undefined;
  /** Is what was kept taken in? Nothing is kept without a store. */
  isLoaded: boolean;
  #saving: NodeJS.Timeout | undefined;

  /** `now` is Pipedrive's clock, in epoch ms. */
  constructor(store: BudgetStore | undefined, reserve: Reserve | undefined, now: () => number) {
    this.#store = store;
    this.isLoaded = store === undefined;
    this.#reserve = reserve ?? { tokens: 0 };
    this.#now = now;
    this.#day = this.#today();
  }

  /** Takes in what was kept, once. */
  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /** Throws where a request of this price would go below what is held back, or there is nothing left. */
  admit(call: Call, cost: number): void {
    this.#turn();
    if (this.#left === undefined || cost === 0) return;
    const held = this.#held();
    if (this.#left - cost >= held) return;
    // More may have been bought meanwhile: now and then a call goes out to see.
    if (held === 0 && Date.now() - this.#toldAt > STALE_MS) return;
    const reason =
      held > 0
        ? `${this.#left} of its tokens are left, this takes ${cost}, and ${held} are held back (PIPEDRIVE_BUDGET_RESERVE)`
        : `${this.#left} of its tokens are left, and this takes ${cost}`;
    throw new PipedriveError({ code: 'budget_exhausted', call, reason, retryAt: this.#midnight() });
  }

  spent(cost: number): void {
    this.#turn();
    this.#spent += cost;
    this.#unsaved += cost;
    if (this.#left !== undefined) this.#left = Math.max(0, this.#left - cost);
    if (this.#store) this.#saving ??= setTimeout(() => this.#save(), SAVE_MS).unref();
  }

  /** An answer told what is left, its own price taken off. */
  told(limit: number | undefined, left: number): void {
    this.#limit = limit ?? this.#limit;
    this.#left = left;
    this.#toldAt = Date.now();
  }

  known(): { limit: number | undefined; left: number | undefined; spent: number; resetsAt: number } {
    this.#turn();
    return { limit: this.#limit, left: this.#left, spent: this.#spent, resetsAt: this.#midnight() };
  }

  async close(): Promise<void> {
    clearTimeout(this.#saving);
    if (this.#unsaved > 0) await this.#save();
  }

  #held(): number {
    if ('tokens' in this.#reserve) return this.#reserve.tokens;
    return this.#limit === undefined ? 0 : Math.ceil(this.#reserve.part * this.#limit);
  }

  /** A new day has a whole budget, which the next answer tells. */
  #turn(): void {
    const now = this.#today();
    if (now === this.#day) return;
    this.#day = now;
    this.#spent = 0;
    this.#unsaved = 0;
    this.#left = this.#limit;
  }

  async #load(): Promise<void> {
    const kept = await this.#store?.read();
    this.isLoaded = true;
    if (kept?.day !== this.#today()) return;
    this.#spent += kept.spent;
    this.#limit ??= kept.limit;
    this.#left ??= kept.left;
  }

  /** Adds to what other processes have written meanwhile. */
  async #save(): Promise<void> {
    this.#saving = undefined;
    if (!this.#store) return;
    const added = this.#unsaved;
    this.#unsaved = 0;
    const before = await this.#store.read();
    this.#spent = (before?.day === this.#day ? before.spent : 0) + added;
    await this.#store.write({ day: this.#day, spent: this.#spent, limit: this.#limit, left: this.#left });
  }

  #today(): string {
    return new Date(this.#now()).toISOString().slice(0, 10);
  }

  #midnight(): number {
    return Date.parse(`${this.#today()}T00:00:00Z`) + 24 * 3600 * 1000;
  }
}
