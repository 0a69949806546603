import { type Call, type ErrorCode, PipedriveError } from './errors.ts';
import { countHeader, header, type Reply, type ReplyHeaders } from './http.ts';
import { isObject, type Json, type JsonObject, parseJson } from './json.ts';

/** What a successful call gave. `data` is null for an empty v1 collection, as the API says it. */
export type Answer = { data: Json; nextCursor: string | undefined; additional: JsonObject; related: JsonObject };

/** A file as it came: its type and name as the answer's headers say them. */
export type Downloaded = { readonly bytes: Buffer; readonly type: string; readonly name: string | undefined };

/** How long a burst counts. */
const WINDOW_MS = 2_000;

type Asked = { query?: Readonly<Record<string, string | number | boolean>>; cost: number };

const CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthorized',
  402: 'payment_required',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  410: 'gone',
  429: 'rate_limited',
};

/** Reads the envelope around an answer ("Responses" in Pipedrive's core API concepts). Throws a PipedriveError. */
export function readAnswer(reply: Reply, call: Call, asked: Asked, now: number): Answer {
  const { status } = reply;
  if (status < 200 || status > 299) throw refusal(reply, call, asked, now);
  const text = reply.bytes.toString('utf8');
  const json = parseJson(text);
  if (status === 204) return { data: null, nextCursor: undefined, additional: {}, related: {} };
  if (!isObject(json) || typeof json['success'] !== 'boolean') {
    const type = header(reply.headers, 'content-type') ?? 'no content type';
    const form = text === '' ? 'is empty' : json === undefined ? `is not JSON (${type})` : 'has no "success" in it';
    throw new PipedriveError({ code: 'bad_response', call, status, reason: `Its body ${form}`, applied: 'unknown' });
  }
  if (!json['success']) {
    throw new PipedriveError({ code: 'invalid', call, status, ...words(json), applied: 'unknown' });
  }
  const additional = isObject(json['additional_data']) ? json['additional_data'] : {};
  const related = isObject(json['related_objects']) ? json['related_objects'] : {};
  const nextCursor = call.method === 'GET' ? next(additional, call, asked) : undefined;
  return { data: json['data'] ?? null, nextCursor, additional, related };
}

/** The parameter that takes this answer's `nextCursor`: v2 and a few v1 lists have a cursor, other v1 lists a start. */
export function pageParameter(answer: Answer): 'cursor' | 'start' {
  return answer.additional['next_cursor'] ? 'cursor' : 'start';
}

function next(additional: JsonObject, call: Call, asked: Asked): string | undefined {
  const cursor = additional['next_cursor'];
  if (typeof cursor === 'string' && cursor !== '') return cursor;
  // The official schemas and examples disagree on whether v1 wraps these.
  const page = isObject(additional['pagination']) ? additional['pagination'] : additional;
  if (page['more_items_in_collection'] !== true) return undefined;
  const start = Number(page['start'] ?? asked.query?.['start'] ?? 0);
  const following = Number(page['next_start'] ?? start + Number(page['limit'] ?? asked.query?.['limit']));
  if (Number.isInteger(following) && following > start) return String(following);
  const reason = 'It says that there is more, but not where the next page starts';
  throw new PipedriveError({ code: 'bad_response', call, reason });
}

/** Reads an answer that is a file. Throws a PipedriveError where it is none. */
export function readFile(reply: Reply, call: Call, asked: Asked, now: number): Downloaded {
  const { status, headers, bytes } = reply;
  if (status < 200 || status > 299) throw refusal(reply, call, asked, now);
  const type = (header(headers, 'content-type') ?? 'application/octet-stream').split(';')[0]?.trim() ?? '';
  return { bytes, type, name: fileName(header(headers, 'content-disposition') ?? '') };
}

/** RFC 6266: `filename*` in UTF-8 before `filename`. */
function fileName(disposition: string): string | undefined {
  const [, encoded] = /filename\*=UTF-8''([^;]+)/i.exec(disposition) ?? [];
  const [, plain] = /filename="((?:[^"\\]|\\.)*)"/i.exec(disposition) ?? [];
  if (encoded === undefined) return plain;
  try {
    return decodeURIComponent(encoded);
  } catch {
    // Not UTF-8 after all: the plain form, if there is one, has to do.
    return plain;
  }
}

function refusal(reply: Reply, call: Call, asked: Asked, now: number): PipedriveError {
  const { status, headers } = reply;
  const text = reply.bytes.toString('utf8');
  const json = parseJson(text);
  const said = words(isObject(json) ? json : {});
  const facts = { call, status, ...said, applied: status >= 500 ? ('unknown' as const) : ('no' as const) };
  if (status >= 500) return new PipedriveError({ ...facts, code: 'unavailable' });
  if (status === 403 && json === undefined && text !== '') return new PipedriveError({ ...facts, code: 'blocked' });
  // Some services say with a 401 that a user may not, though the token is right.
  const lacksPermission = status === 401 && /permission/i.test(said.detail ?? '');
  const code = lacksPermission ? 'forbidden' : (CODES[status] ?? 'invalid');
  if (code !== 'rate_limited') return new PipedriveError({ ...facts, code });
  const left = countHeader(headers, 'x-daily-ratelimit-token-remaining');
  const daily = (left !== undefined && left < Math.max(1, asked.cost)) || /\bdaily\b/i.test(said.detail ?? '');
  if (!daily) return new PipedriveError({ ...facts, code, retryAt: retryAt(headers, now) });
  return new PipedriveError({ ...facts, code: 'budget_exhausted', retryAt: retryAfter(headers, now) });
}

/** Until when a 429 asks to wait, in epoch ms: what it says itself, else the end of the window, else a window. */
export function retryAt(headers: ReplyHeaders, now: number): number {
  return retryAfter(headers, now) ?? windowReset(headers, now) ?? now + WINDOW_MS;
}

/** Pipedrive's own words in an error body, which has one of several forms. */
function words(json: JsonObject): { detail: string | undefined; apiCode: string | undefined } {
  const { error, message, error_info: info, errors, code } = json;
  const parts = [
    isObject(error) ? error['message'] : error,
    message,
    // The boilerplate only points to the documentation.
    typeof info === 'string' && info.includes('developers.pipedrive.com') ? undefined : info,
    ...(isObject(errors) ? Object.entries(errors).map(([field, why]) => `${field}: ${[why].flat().join(', ')}`) : []),
  ];
  const detail = [...new Set(parts.filter((part) => typeof part === 'string' && part !== ''))].join('; ');
  return { detail: detail === '' ? undefined : detail, apiCode: typeof code === 'string' ? code : undefined };
}

function retryAfter(headers: ReplyHeaders, now: number): number | undefined {
  const seconds = countHeader(headers, 'retry-after');
  if (seconds !== undefined) return now + seconds * 1000;
  const date = Date.parse(header(headers, 'retry-after') ?? '');
  return Number.isNaN(date) ? undefined : date;
}

/** When the burst window is whole again, in epoch ms: x-ratelimit-reset counts seconds. */
export function windowReset(headers: ReplyHeaders, now: number): number | undefined {
  const seconds = countHeader(headers, 'x-ratelimit-reset');
  return seconds === undefined ? undefined : now + seconds * 1000;
}
