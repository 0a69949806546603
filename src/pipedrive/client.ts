import { setTimeout as sleep } from 'node:timers/promises';
import { apiBase } from './address.ts';
import { Budget, type BudgetStore, type Reserve } from './budget.ts';
import { Circuit } from './circuit.ts';
import { type Answer, type Downloaded, pageParameter, readAnswer, readFile, retryAt, windowReset } from './envelope.ts';
import { type Call, type ErrorCode, PipedriveError } from './errors.ts';
import { type CallOptions, Flight, type Spent } from './flight.ts';
import {
  countHeader,
  Http,
  header,
  isStorage,
  type Method,
  type Payload,
  type Reply,
  redirectTarget,
  trusts,
} from './http.ts';
import { decide } from './retry.ts';
import { type Plan, Throttle } from './throttle.ts';

export type { Answer, CallOptions, Downloaded, Method, Plan, Spent };
export type QueryValue = string | number | boolean;

export type ApiRequest = Payload & {
  method: Method;
  /** Encoded, starting with /api/v1 or /api/v2, without a query: `/api/v2/deals/12`. */
  path: string;
  query?: Readonly<Record<string, QueryValue>>;
  /** Pipedrive API tokens of the company's daily budget (x-token-cost in the OpenAPI files). */
  cost: number;
  /** Counts against the window of the search endpoints too. */
  search?: boolean;
};

export type Limits = {
  requestsPer2s: number;
  searchesPer2s: number;
  plan: Plan | undefined;
  /** Requests in the queue now. */
  waiting: number;
  /** Requests sent, and tokens of the daily budget spent, by this process. */
  requests: number;
  tokensSpent: number;
  /** The burst window as Pipedrive last told it; resetAt in epoch ms. */
  window?: { limit: number | undefined; remaining: number | undefined; resetAt: number | undefined };
  /** The company's daily budget as Pipedrive last told it; `spent` is what this machine has used of it today. */
  daily: { limit: number | undefined; left: number | undefined; spent: number; resetsAt: number };
  dailyRequestsLeft?: number;
  /** How far Pipedrive's clock is ahead of this machine's, in milliseconds, as its last answer said. */
  clockAhead: number;
};

export interface Client {
  /** Sends one call in its turn and retries what may be retried. Rejects with a PipedriveError. */
  request(request: ApiRequest, options: CallOptions): Promise<Answer>;
  /**
   * Fetches a file: from a path of the API, whose redirect to a storage is followed without the token, or from an
   * address that an answer gave, which never gets the token.
   */
  download(from: Pick<ApiRequest, 'path' | 'cost'> | string, options: CallOptions): Promise<Downloaded>;
  /** Every page from this one on, one request each. */
  pages(request: ApiRequest, options: CallOptions): AsyncIterable<Answer>;
  limits(): Limits;
  /** So many servers on this machine use the token: each keeps to its part of the limit. */
  share(servers: number): void;
  /** Cancels what is under way and closes the connections. */
  close(): Promise<void>;
}

export type ClientSettings = {
  token: string | undefined;
  /** An address that `apiBase` accepts. */
  baseUrl: string | undefined;
  plan?: Plan | undefined;
  userAgent: string;
  /** Where the daily budget is kept across restarts. */
  budget?: BudgetStore | undefined;
  /** What is left of the daily budget for others: tokens, or a part of 1. */
  reserve?: Reserve | undefined;
};

/** Where a call goes; `isOutside` is an address that is not the API's and never gets the token. */
type Target = { readonly url: URL; readonly isFile: boolean; readonly isOutside: boolean };

const LONGEST_QUEUE = 1_000;
const REDIRECTS = 3;

/** The client of one token. `throttle` is for tests. */
export function createClient(settings: ClientSettings, throttle = new Throttle(settings.plan)): Client {
  return new ApiClient(settings, throttle);
}

class ApiClient implements Client {
  readonly #base: URL;
  readonly #token: string | undefined;
  readonly #plan: Plan | undefined;
  readonly #http: Http;
  readonly #throttle: Throttle;
  readonly #circuit = new Circuit();
  readonly #budget: Budget;
  readonly #flights = new Set<Pick<Flight<unknown>, 'call' | 'cancel' | 'fail' | 'sending'>>();
  readonly #reads = new Map<string, Flight<Answer>>();
  /** Moves on when a write begins and when it ends, so that no read joins one from before. */
  #generation = 0;
  #closed = false;
  #requests = 0;
  #tokensSpent = 0;
  #clockAhead = 0;
  #seen: Pick<Limits, 'window' | 'dailyRequestsLeft'> = {};

  constructor(settings: ClientSettings, throttle: Throttle) {
    this.#base = new URL(apiBase({ baseUrl: settings.baseUrl }));
    // A pasted token may bring spaces; anything that can't stand in a header is none.
    const token = settings.token?.trim();
    this.#token = token && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
    this.#plan = settings.plan;
    this.#http = new Http(this.#base, this.#token ?? '', settings.userAgent);
    this.#throttle = throttle;
    this.#budget = new Budget(settings.budget, settings.reserve, () => Date.now() + this.#clockAhead);
  }

  async request(request: ApiRequest, options: CallOptions): Promise<Answer> {
    const { method, path } = request;
    const call: Call = { method, path, attempts: 0, token: this.#token };
    this.#admit(call, options);
    if (!this.#budget.isLoaded) await this.#budget.load();
    this.#budget.admit(call, request.cost);
    const url = this.#address(call);
    for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.append(name, String(value));
    url.searchParams.sort();
    return method === 'GET' ? this.#read(request, url, call, options) : this.#write(request, url, call, options);
  }

  async download(from: Pick<ApiRequest, 'path' | 'cost'> | string, options: CallOptions): Promise<Downloaded> {
    const path = typeof from === 'string' ? 'a file' : from.path;
    const call: Call = { method: 'GET', path, attempts: 0, token: this.#token };
    this.#admit(call, options);
    if (!this.#budget.isLoaded) await this.#budget.load();
    this.#budget.admit(call, typeof from === 'string' ? 0 : from.cost);
    const isOutside = typeof from === 'string';
    const url = isOutside && URL.canParse(from) ? new URL(from) : this.#address(call);
    if (isOutside && !isStorage(this.#base, url)) {
      throw new PipedriveError({ code: 'invalid', call, reason: `${url.host} is no address that files come from` });
    }
    const request = { method: 'GET' as const, path, cost: isOutside ? 0 : from.cost };
    const flight = new Flight<Downloaded>(call, (self) =>
      this.#fly(self, request, { url, isFile: true, isOutside }, (reply) => readFile(reply, call, request, Date.now())),
    );
    return flight.join(options);
  }

  async *pages(request: ApiRequest, options: CallOptions): AsyncGenerator<Answer> {
    const seen = new Set<string>();
    for (let asked = request; ; ) {
      const answer = await this.request(asked, options);
      yield answer;
      const { nextCursor } = answer;
      if (nextCursor === undefined) return;
      if (seen.has(nextCursor)) {
        const call = { method: request.method, path: request.path, attempts: 1, token: this.#token };
        throw new PipedriveError({ code: 'bad_response', call, reason: 'Its pages come round again without an end' });
      }
      seen.add(nextCursor);
      asked = { ...request, query: { ...request.query, [pageParameter(answer)]: nextCursor } };
    }
  }

  limits(): Limits {
    const { requestsPer2s, searchesPer2s, waiting } = this.#throttle;
    const spent = { requests: this.#requests, tokensSpent: this.#tokensSpent, clockAhead: this.#clockAhead };
    const daily = this.#budget.known();
    return { requestsPer2s, searchesPer2s, plan: this.#plan, waiting, ...spent, daily, ...this.#seen };
  }

  share(servers: number): void {
    this.#throttle.share(servers);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const flight of this.#flights) flight.cancel();
    await this.#http.close();
    await this.#budget.close();
  }

  /** Throws where a call has no sense any more, or none yet. */
  #admit(call: Call, options: CallOptions): void {
    const fail = (code: ErrorCode, reason?: string) =>
      new PipedriveError({ code, call, ...(reason !== undefined && { reason }) });
    if (!this.#token) throw fail('no_token');
    if (this.#closed || options.signal.aborted) throw fail('cancelled');
    if (options.deadline <= Date.now()) throw fail('deadline');
    if (this.#throttle.waiting >= LONGEST_QUEUE) {
      throw fail('rate_limited', `${LONGEST_QUEUE} requests wait already, so this one was not queued`);
    }
  }

  #address(call: Call): URL {
    const url = new URL(this.#base.origin + call.path);
    // An id such as '..' would make a path of another resource.
    if (url.pathname === call.path && /^\/api\/v[12]\//.test(call.path)) return url;
    throw new PipedriveError({ code: 'invalid', call, reason: 'The path is not one of the API' });
  }

  /** Equal reads under way share one request, unless a write began or ended since it set out. */
  #read(request: ApiRequest, url: URL, call: Call, options: CallOptions): Promise<Answer> {
    const key = `${this.#generation} ${url.pathname}${url.search}`;
    const shared = this.#reads.get(key);
    if (shared && !shared.signal.aborted) return shared.join(options);
    const flight = new Flight<Answer>(call, (self) =>
      this.#ask(self, request, url).finally(() => {
        if (this.#reads.get(key) === self) this.#reads.delete(key);
      }),
    );
    this.#reads.set(key, flight);
    return flight.join(options);
  }

  async #write(request: ApiRequest, url: URL, call: Call, options: CallOptions): Promise<Answer> {
    this.#generation++;
    try {
      const flight = new Flight<Answer>(call, (self) => this.#ask(self, request, url));
      flight.onTurn = options.onTurn;
      return await flight.join(options);
    } finally {
      this.#generation++;
    }
  }

  #ask(flight: Flight<Answer>, request: ApiRequest, url: URL): Promise<Answer> {
    const target = { url, isFile: false, isOutside: false };
    return this.#fly(flight, request, target, (reply) => readAnswer(reply, flight.call, request, Date.now()));
  }

  async #fly<T>(flight: Flight<T>, request: ApiRequest, target: Target, read: (reply: Reply) => T): Promise<T> {
    const { call } = flight;
    this.#flights.add(flight);
    try {
      for (;;) {
        this.#circuit.check(call);
        call.attempts++;
        try {
          return read(await this.#attempt(flight, request, target));
        } catch (error) {
          if (!(error instanceof PipedriveError) || flight.signal.aborted) throw error;
          flight.applied = error.applied;
          if (this.#circuit.failed(error, call)) this.#ground(flight);
          const isRead = request.method === 'GET';
          const decision = decide(error, {
            isRead,
            attempt: call.attempts,
            now: Date.now(),
            deadline: flight.deadline,
          });
          if (!decision.retry) throw error;
          await sleep(decision.waitMs, undefined, { signal: flight.signal });
        }
      }
    } catch (error) {
      throw flight.signal.aborted ? flight.signal.reason : error;
    } finally {
      this.#circuit.left(call);
      this.#flights.delete(flight);
    }
  }

  /** Pipedrive is down: what has not been sent yet ends now, with a word when to try again. */
  #ground(found: unknown): void {
    for (const flight of this.#flights) {
      if (flight !== found && !flight.sending) flight.fail(this.#circuit.refusal(flight.call));
    }
  }

  /** Sends it once, and on to where a redirect leads. Gives the last reply, whatever its status. */
  async #attempt(
    flight: Pick<
      Flight<unknown>,
      'call' | 'signal' | 'deadline' | 'applied' | 'priority' | 'sending' | 'spent' | 'turn'
    >,
    request: ApiRequest,
    target: Target,
  ): Promise<Reply> {
    const { call, signal } = flight;
    const search = request.search === true;
    const resumesAt = this.#throttle.pausedUntil(search);
    if (resumesAt >= flight.deadline) {
      const reason = 'An earlier answer asked to wait longer than this call may, so it was not sent';
      throw new PipedriveError({ code: 'rate_limited', call, reason, retryAt: resumesAt });
    }
    for (let url = target.url, redirects = 0; ; redirects++) {
      let sentAt = Date.now();
      const { priority } = flight;
      const reply = await this.#throttle
        .run({ search, priority, signal }, async (onSent) => {
          await flight.turn();
          return this.#http.send(url, call, request, {
            asUser: !target.isOutside && trusts(this.#base, url),
            signal,
            onSent: () => {
              sentAt = Date.now();
              flight.sending = true;
              flight.applied = 'unknown';
              this.#requests++;
              if (flight.spent) flight.spent.requests++;
              onSent();
            },
          });
        })
        .finally(() => {
          flight.sending = false;
        });
      if (![502, 503, 504].includes(reply.status)) this.#circuit.answered();
      if (reply.status !== 429 && redirects === 0) {
        this.#tokensSpent += request.cost;
        if (flight.spent) flight.spent.tokens += request.cost;
        this.#budget.spent(request.cost);
      }
      this.#note(reply, search, sentAt);
      const next = redirectTarget(reply, url, this.#base, call, target.isFile);
      if (!next) return reply;
      if (redirects === REDIRECTS) {
        const reason = `It was sent on ${REDIRECTS} times already, last to ${next.host}`;
        throw new PipedriveError({ code: 'redirected', call, status: reply.status, reason });
      }
      url = next;
    }
  }

  /** Takes in what an answer says of time and limits. */
  #note({ status, headers }: Reply, search: boolean, sentAt: number): void {
    const now = Date.now();
    const date = Date.parse(header(headers, 'date') ?? '');
    if (!Number.isNaN(date)) this.#clockAhead = date - now;
    const limit = countHeader(headers, 'x-ratelimit-limit');
    const remaining = countHeader(headers, 'x-ratelimit-remaining');
    const resetAt = windowReset(headers, now);
    if (remaining !== undefined) this.#seen.window = { limit, remaining, resetAt };
    if (limit !== undefined) this.#throttle.learn(search, { limit, remaining, sentAt });
    const daily = countHeader(headers, 'x-daily-ratelimit-token-limit');
    const left = countHeader(headers, 'x-daily-ratelimit-token-remaining');
    if (left !== undefined) this.#budget.told(daily, left);
    const requestsLeft = countHeader(headers, 'x-daily-requests-left');
    if (requestsLeft !== undefined) this.#seen.dailyRequestsLeft = requestsLeft;
    if (status === 429 && left !== 0) this.#throttle.refused(search, retryAt(headers, now), limit !== undefined);
  }
}
