import type { Method } from './http.ts';

/** Every way a call can fail, with the sentence that says so. */
const SENTENCES = {
  no_token: 'No usable Pipedrive API token is set',
  unauthorized: 'Pipedrive did not accept the API token',
  payment_required: 'The Pipedrive account is not open for this, or its plan does not include it',
  forbidden: "Pipedrive does not allow this to the token's user, or to the company's plan",
  not_found: 'Pipedrive has nothing under this address',
  gone: 'Pipedrive has removed this for good',
  conflict: 'This is in conflict with what Pipedrive already holds',
  invalid: 'Pipedrive refused the request as invalid',
  rate_limited: 'Too many requests within two seconds',
  budget_exhausted: "The company's daily budget of Pipedrive API tokens is used up",
  blocked: "Pipedrive's gateway has blocked this token for a while, as it does after too many requests",
  unavailable: 'Pipedrive could not handle the request',
  unreachable: 'Pipedrive could not be reached, so nothing was sent',
  connection_lost: 'The connection was lost before the whole answer had arrived',
  deadline: 'The time allowed for this call ended before Pipedrive had answered',
  cancelled: 'The call was cancelled',
  redirected: 'The request was redirected and was not followed, so that the token stays where it belongs',
  bad_response: 'The answer is not one that the Pipedrive API gives',
} as const;

export type ErrorCode = keyof typeof SENTENCES;

/** One call as its errors name it: the path without its query, the sends so far, the token only to redact it. */
export type Call = { method: Method; path: string; attempts: number; token: string | undefined };

type Facts = {
  code: ErrorCode;
  call: Call;
  /** May the write have happened? Left out: no. */
  applied?: 'no' | 'unknown';
  status?: number;
  /** Our own explanation, said in the message only. */
  reason?: string;
  detail?: string | undefined;
  apiCode?: string | undefined;
  retryAt?: number | undefined;
  cause?: unknown;
};

/** Gateways say these of a server that may still be at work: 52x are Cloudflare's. */
const OF_GATEWAYS: readonly number[] = [502, 504, 520, 522, 524];

/** The one error of this room. Its message is English prose, and nothing in it holds the API token. */
export class PipedriveError extends Error {
  override readonly name = 'PipedriveError';
  readonly code: ErrorCode;
  readonly method: Method;
  readonly path: string;
  /** Of a write: 'no' when it certainly did not happen, else 'unknown'. Always 'no' for a read. */
  readonly applied: 'no' | 'unknown';
  /** How often the request was tried. */
  readonly attempts: number;
  readonly status: number | undefined;
  /** Pipedrive's own words, at most 500 characters, to be treated as data. */
  readonly detail: string | undefined;
  /** Pipedrive's `code`, such as ERR_SCHEMA_VALIDATION_FAILED. */
  readonly apiCode: string | undefined;
  /** Until when to wait, in epoch milliseconds. */
  readonly retryAt: number | undefined;

  constructor(facts: Facts) {
    const { code, call, status } = facts;
    const clean = (text: string) => tidy(call.token ? text.replaceAll(call.token, '[token]') : text);
    const detail = facts.detail ? clean(facts.detail) : undefined;
    const said = [facts.reason ? clean(facts.reason) : undefined, detail ? `Pipedrive said: ${detail}` : undefined];
    const where = `${call.method} ${clean(call.path)}${status === undefined ? '' : `, status ${status}`}`;
    const sentences = [`${SENTENCES[code]} (${where})`, ...said.filter((part) => part !== undefined)];
    super(`${sentences.map((part) => part.replace(/[.\s]+$/, '')).join('. ')}.`, { cause: facts.cause });
    this.code = code;
    this.method = call.method;
    this.path = clean(call.path);
    this.applied = call.method === 'GET' ? 'no' : (facts.applied ?? 'no');
    this.attempts = call.attempts;
    this.status = status;
    this.detail = detail;
    this.apiCode = facts.apiCode ? clean(facts.apiCode) : undefined;
    this.retryAt = facts.retryAt;
  }

  /** Has Pipedrive ended with the request, whatever came of it? A lost connection says nothing of what is behind a gateway. */
  get isEnded(): boolean {
    return this.applied === 'no' || (this.status !== undefined && !OF_GATEWAYS.includes(this.status));
  }
}

/** One line of at most 500 characters, without control, format or halved characters. */
function tidy(text: string): string {
  const line = text.replace(/\p{Cc}+/gu, ' ').replace(/\p{Cf}/gu, '');
  return line
    .trim()
    .slice(0, 500)
    .replace(/[\ud800-\udbff]$/, '');
}
