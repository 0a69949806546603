import { setTimeout as sleep } from 'node:timers/promises';
import { apiBase } from './address.ts';
import { type Answer, type Downloaded, pageParameter, readAnswer, readFile, windowReset } from './envelope.ts';
import { type Call, type ErrorCode, PipedriveError } from './errors.ts';
import { type CallOptions, Flight } from './flight.ts';
import {
  countHeader,
  Http,
  header,
  isStorage,
  type Method,
  type Payload,
  type Reply,
  type ReplyHeaders,
  redirectTarget,
  trusts,
} from './http.ts';
import { decide } from './retry.ts';
import { type Plan, Throttle } from './throttle.ts';

export type { Answer, CallOptions, Downloaded, Method, Plan };
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
  dailyTokens?: { limit: number | undefined; remaining: number | undefined };
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
  /** Cancels what is under way and closes the connections. */
  close(): Promise<void>;
}

export type ClientSettings = {
  token: string | undefined;
  /** An address that `apiBase` accepts. */
  baseUrl: string | undefined;
  plan?: Plan | undefined;
  userAgent: string;
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
  readonly #flights = new Set<Pick<Flight<unknown>, 'cancel'>>();
  readonly #reads = new Map<string, Flight<Answer>>();
  /** Moves on when a write begins and when it ends, so that no read joins one from before. */
  #generation = 0;
  #closed = false;
  #requests = 0;
  #tokensSpent = 0;
  #clockAhead = 0;
  #seen: Pick<Limits, 'window' | 'dailyTokens' | 'dailyRequestsLeft'> = {};

  constructor(settings: ClientSettings, throttle: Throttle) {
    this.#base = new URL(apiBase({ baseUrl: settings.baseUrl }));
    // A pasted token may bring spaces; anything that can't stand in a header is none.
    const token = settings.token?.trim();
    this.#token = token && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
    this.#plan = settings.plan;
    this.#http = new Http(this.#base, this.#token ?? '', settings.userAgent);
    this.#throttle = throttle;
  }

  async request(request: ApiRequest, options: CallOptions): Promise<Answer> {
    const { method, path } = request;
    const call: Call = { method, path, attempts: 0, token: this.#token };
    this.#admit(call, options);
    const url = this.#address(call);
    for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.append(name, String(value));
    url.searchParams.sort();
    return method === 'GET' ? this.#read(request, url, call, options) : this.#write(request, url, call, options);
  }

  async download(from: Pick<ApiRequest, 'path' | 'cost'> | string, options: CallOptions): Promise<Downloaded> {
    const path = typeof from === 'string' ? 'a file' : from.path;
    const call: Call = { method: 'GET', path, attempts: 0, token: this.#token };
    this.#admit(call, options);
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
    return { requestsPer2s, searchesPer2s, plan: this.#plan, waiting, ...spent, ...this.#seen };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const flight of this.#flights) flight.cancel();
    await this.#http.close();
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
      return await new Flight<Answer>(call, (self) => this.#ask(self, request, url)).join(options);
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
    const isSearch = request.search === true;
    this.#flights.add(flight);
    try {
      for (;;) {
        call.attempts++;
        try {
          return read(await this.#attempt(flight, request, target));
        } catch (error) {
          if (!(error instanceof PipedriveError) || flight.signal.aborted) throw error;
          flight.applied = error.applied;
          if (error.code === 'rate_limited' && error.retryAt) this.#throttle.pause(isSearch, error.retryAt);
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
      this.#flights.delete(flight);
    }
  }

  /** Sends it once, and on to where a redirect leads. Gives the last reply, whatever its status. */
  async #attempt(
    flight: Pick<Flight<unknown>, 'call' | 'signal' | 'deadline' | 'applied'>,
    request: ApiRequest,
    target: Target,
  ): Promise<Reply> {
    const { call, signal } = flight;
    const isSearch = request.search === true;
    const resumesAt = this.#throttle.pausedUntil(isSearch);
    if (resumesAt >= flight.deadline) {
      const reason = 'An earlier answer asked to wait longer than this call may, so it was not sent';
      throw new PipedriveError({ code: 'rate_limited', call, reason, retryAt: resumesAt });
    }
    for (let url = target.url, redirects = 0; ; redirects++) {
      const reply = await this.#throttle.run(isSearch, signal, (onSent) =>
        this.#http.send(url, call, request, {
          asUser: !target.isOutside && trusts(this.#base, url),
          signal,
          onSent: () => {
            flight.applied = 'unknown';
            this.#requests++;
            onSent();
          },
        }),
      );
      if (reply.status !== 429 && redirects === 0) this.#tokensSpent += request.cost;
      this.#note(reply.headers);
      const next = redirectTarget(reply, url, this.#base, call, target.isFile);
      if (!next) return reply;
      if (redirects === REDIRECTS) {
        const reason = `It was sent on ${REDIRECTS} times already, last to ${next.host}`;
        throw new PipedriveError({ code: 'redirected', call, status: reply.status, reason });
      }
      url = next;
    }
  }

  #note(headers: ReplyHeaders): void {
    const date = Date.parse(header(headers, 'date') ?? '');
    if (!Number.isNaN(date)) this.#clockAhead = date - Date.now();
    const limit = countHeader(headers, 'x-ratelimit-limit');
    const remaining = countHeader(headers, 'x-ratelimit-remaining');
    const resetAt = windowReset(headers, Date.now());
    if (remaining !== undefined) this.#seen.window = { limit, remaining, resetAt };
    const daily = countHeader(headers, 'x-daily-ratelimit-token-limit');
    const left = countHeader(headers, 'x-daily-ratelimit-token-remaining');
    if (left !== undefined) this.#seen.dailyTokens = { limit: daily, remaining: left };
    const requestsLeft = countHeader(headers, 'x-daily-requests-left');
    if (requestsLeft !== undefined) this.#seen.dailyRequestsLeft = requestsLeft;
  }
}
