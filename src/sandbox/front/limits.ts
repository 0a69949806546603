import { ApiError } from '../error.ts';

/** Requests in any two seconds for an API token, and the multiple of 30,000 daily API tokens a seat. */
const plans = {
  lite: { burst: 20, daily: 1 },
  growth: { burst: 40, daily: 2 },
  premium: { burst: 100, daily: 5 },
  ultimate: { burst: 120, daily: 7 },
} as const;

export type Plan = keyof typeof plans;
export const planNames = ['lite', 'growth', 'premium', 'ultimate'] as const satisfies readonly Plan[];

const WINDOW = 2000;
const SEARCHES = 10;

/** The rate limits of one token and the daily budget of its company. Headers as the official documents have them. */
export class Limits {
  readonly #plan: Plan | undefined;
  readonly #seats: number;
  readonly #now: () => Date;
  #requests: number[] = [];
  #searches: number[] = [];
  #day = '';
  #spent = 0;

  constructor(plan: Plan | undefined, seats: number, now: () => Date) {
    this.#plan = plan;
    this.#seats = seats;
    this.#now = now;
  }

  /** Counts one request, or throws 429. The headers go with whatever answer follows. */
  take(cost: number, search: boolean, headers: Map<string, string>): void {
    if (!this.#plan) return;
    const { burst, daily } = plans[this.#plan];
    const at = performance.now();
    this.#requests = this.#requests.filter((time) => time > at - WINDOW);
    this.#searches = this.#searches.filter((time) => time > at - WINDOW);
    // A search counts in both windows, and the headers tell of the one that it fills first.
    const bySearches = search && burst - this.#requests.length > SEARCHES - this.#searches.length;
    const [limit, used] = bySearches ? [SEARCHES, this.#searches] : [burst, this.#requests];
    const over = used.length >= limit;
    if (!over) {
      this.#requests.push(at);
      if (search) this.#searches.push(at);
    }
    headers.set('x-ratelimit-limit', String(limit));
    headers.set('x-ratelimit-remaining', String(limit - used.length));
    headers.set('x-ratelimit-reset', String(Math.ceil(((used[0] ?? at) + WINDOW - at) / 1000)));
    if (over) throw new ApiError(429, 'Rate limit exceeded');

    const day = this.#now().toISOString().slice(0, 10);
    if (day !== this.#day) {
      this.#day = day;
      this.#spent = 0;
    }
    const budget = 30_000 * daily * this.#seats;
    const exhausted = this.#spent + cost > budget;
    if (!exhausted) this.#spent += cost;
    headers.set('x-daily-ratelimit-token-limit', String(budget));
    headers.set('x-daily-ratelimit-token-remaining', String(exhausted ? 0 : budget - this.#spent));
    if (exhausted) throw new ApiError(429, 'Daily API token budget exceeded');
  }
}
