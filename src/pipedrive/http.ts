import { Agent, type Dispatcher, EnvHttpProxyAgent, errors, FormData } from 'undici';
import { isLoopback, isPipedrive } from './address.ts';
import { type Call, PipedriveError } from './errors.ts';
import { isObject, type Json } from './json.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type ReplyHeaders = Readonly<Record<string, string | string[] | undefined>>;
export type Reply = { status: number; headers: ReplyHeaders; bytes: Buffer };

/** What a request carries: JSON unless it is a `form`, or brings a `file` along, which makes it multipart. */
export type Payload = {
  readonly body?: Json | undefined;
  readonly form?: boolean | undefined;
  readonly file?: { readonly field: string; readonly name: string; readonly content: Blob } | undefined;
};

/** The largest body that is read, in bytes. */
export const LARGEST_BODY = 64 * 1024 * 1024;

/** Does the environment name a proxy for requests to `base`? A loopback address never goes through one. */
export function usesProxy(base: URL, env: Readonly<Record<string, string | undefined>>): boolean {
  return !isLoopback(base) && ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'].some((name) => env[name]);
}

/** Sends one request and reads one answer, whatever its status: no retry, no redirect, no limit of rate. */
export class Http {
  readonly #headers: Readonly<Record<string, string>>;
  readonly #token: string;
  readonly #agent: Dispatcher;

  constructor(base: URL, token: string, userAgent: string) {
    this.#headers = { accept: 'application/json', 'user-agent': userAgent };
    this.#token = token;
    // The caller's deadline is the only clock of a call.
    const options = { headersTimeout: 0, bodyTimeout: 0, maxResponseSize: LARGEST_BODY };
    this.#agent = usesProxy(base, process.env) ? proxyAgent(options) : new Agent(options);
  }

  /**
   * `asUser`: with the token. `onSent` is called just before the first byte goes out. Rejects with the signal's reason,
   * or a PipedriveError.
   */
  send(
    url: URL,
    call: Call,
    payload: Payload,
    { asUser, signal, onSent }: { asUser: boolean; signal: AbortSignal; onSent: () => void },
  ): Promise<Reply> {
    const { origin, pathname, search } = url;
    const { body, type } = encode(payload);
    const headers = { ...this.#headers, ...(asUser ? { 'x-api-token': this.#token } : {}), ...type };
    return new Promise((resolve, reject) => {
      const reply = { status: 0, headers: {} };
      const chunks: Buffer[] = [];
      let controller: Dispatcher.DispatchController | undefined;
      let sent = false;
      const onAbort = () => {
        controller?.abort(signal.reason);
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#agent.dispatch(
        {
          origin,
          path: pathname + search,
          method: call.method,
          headers,
          body,
        },
        {
          onRequestStart(started) {
            controller = started;
            if (signal.aborted) return started.abort(signal.reason);
            sent = true;
            onSent();
          },
          onResponseStart(_, status, answered) {
            reply.status = status;
            reply.headers = answered;
          },
          onResponseData(_, chunk) {
            chunks.push(chunk);
          },
          onResponseEnd() {
            signal.removeEventListener('abort', onAbort);
            resolve({ ...reply, bytes: Buffer.concat(chunks) });
          },
          onResponseError(_, error) {
            signal.removeEventListener('abort', onAbort);
            reject(failure(error, call, sent, reply.status));
          },
        },
      );
    });
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

/** A body with its content type, which undici gives to a multipart one itself. */
function encode({ body, form, file }: Payload): {
  body: string | FormData | null;
  type?: Readonly<Record<string, string>>;
} {
  if (file) {
    const parts = new FormData();
    for (const [name, value] of fieldsOf(body)) parts.append(name, value);
    parts.append(file.field, file.content, file.name);
    return { body: parts };
  }
  if (body === undefined) return { body: null };
  if (form) {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return { body: new URLSearchParams(fieldsOf(body)).toString(), type };
  }
  return { body: JSON.stringify(body), type: { 'content-type': 'application/json' } };
}

/** The fields of a form are text. */
function fieldsOf(body: Json | undefined): [string, string][] {
  if (!isObject(body)) return [];
  return Object.entries(body).map(([name, value]) => [
    name,
    typeof value === 'boolean' ? String(Number(value)) : String(value ?? ''),
  ]);
}

function proxyAgent(options: Agent.Options): Dispatcher {
  try {
    return new EnvHttpProxyAgent(options);
  } catch (cause) {
    throw new Error('HTTPS_PROXY or HTTP_PROXY is not an address like http://proxy.example:3128', { cause });
  }
}

/** `status` is 0 where not even that had come. */
function failure(error: Error, call: Call, sent: boolean, status: number): PipedriveError {
  // Node tries several addresses of a host and reports them as one AggregateError with an empty message.
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const reason = inner instanceof Error ? inner.message : String(inner);
  const facts = { call, reason, cause: error, ...(status === 0 ? {} : { status }) };
  if (!sent) return new PipedriveError({ ...facts, code: 'unreachable' });
  const strange = error instanceof errors.HTTPParserError || error instanceof errors.ResponseExceededMaxSizeError;
  return new PipedriveError({ ...facts, code: strange ? 'bad_response' : 'connection_lost', applied: 'unknown' });
}

/** May the token go there: to the base's origin, or from one Pipedrive host to another. */
export function trusts(base: URL, target: URL): boolean {
  return target.origin === base.origin || (isPipedrive(base) && isPipedrive(target));
}

/** Where files may be fetched from, without the token: anywhere on https, and on this machine for one of it. */
export function isStorage(base: URL, target: URL): boolean {
  return target.protocol === 'https:' || (isLoopback(base) && isLoopback(target));
}

/**
 * Where a redirect leads, or undefined where the reply is none. Only reads follow, and only where the token may go too;
 * a file, which comes without it, from any storage. Anything else is a 'redirected' error that names the host.
 */
export function redirectTarget(
  reply: Pick<Reply, 'status' | 'headers'>,
  from: URL,
  base: URL,
  call: Call,
  isFile = false,
): URL | undefined {
  const { status } = reply;
  if (status < 300 || status > 399) return undefined;
  const location = header(reply.headers, 'location') ?? '';
  const target = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const allowed = target && (trusts(base, target) || (isFile && isStorage(base, target)));
  if (location && allowed && call.method === 'GET') return target;
  throw new PipedriveError({
    code: 'redirected',
    call,
    status,
    reason: location && target ? `It points to ${target.host}` : 'It names no address that can be read',
    // Only 307 and 308 promise that nothing was done yet.
    applied: status === 307 || status === 308 ? 'no' : 'unknown',
  });
}

export function header(headers: ReplyHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** A header that counts something; undefined where it is missing or no number. */
export function countHeader(headers: ReplyHeaders, name: string): number | undefined {
  const value = header(headers, name)?.trim();
  return value && Number.isFinite(Number(value)) ? Number(value) : undefined;
}
