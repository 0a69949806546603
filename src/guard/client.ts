import type { Answer, ApiRequest, CallOptions, Client, Downloaded, Limits } from '../pipedrive/client.ts';
import { PipedriveError } from '../pipedrive/errors.ts';
import { isObject, type Json, type JsonObject } from '../pipedrive/json.ts';
import { Problem } from '../vocabulary/problem.ts';
import type { Intent, Journal } from './journal.ts';
import { settablePart, touchedPart } from './parts.ts';
import type { Api } from './places.ts';
import { readBefore } from './record.ts';
import { redacted, secretsIn } from './secrets.ts';

/** A record larger than this is not kept with its write. In characters. */
const LARGEST_KEPT = 100_000;

/** What a client that passes reads on does with a write. */
export abstract class Watching implements Client {
  protected readonly inner: Client;

  constructor(inner: Client) {
    this.inner = inner;
  }

  protected abstract write(request: ApiRequest, options: CallOptions): Promise<Answer>;

  request(request: ApiRequest, options: CallOptions): Promise<Answer> {
    return request.method === 'GET' ? this.inner.request(request, options) : this.write(request, options);
  }

  pages(request: ApiRequest, options: CallOptions): AsyncIterable<Answer> {
    return this.inner.pages(request, options);
  }

  download(from: Pick<ApiRequest, 'path' | 'cost'> | string, options: CallOptions): Promise<Downloaded> {
    return this.inner.download(from, options);
  }

  limits(): Limits {
    return this.inner.limits();
  }

  share(servers: number): void {
    this.inner.share(servers);
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** Thrown in the place of a write by a call that is only to be looked at. */
export class Planned extends Error {
  readonly request: ApiRequest;

  constructor(request: ApiRequest) {
    super('This is what would be sent');
    this.request = request;
  }
}

/** Lets reads through and sends no write: the first one is thrown. */
export class PlanningClient extends Watching {
  protected write(request: ApiRequest): Promise<Answer> {
    return Promise.reject(new Planned(request));
  }
}

export type Provenance = Pick<Intent, 'call' | 'tool' | 'account' | 'undoes' | 'key' | 'asked' | 'item'>;

export type JournalRules = {
  readonly journal: Journal;
  readonly api: Api;
  /** Is a write refused that can't be put down? Else it is sent, and `failed` is told. */
  readonly isRequired: boolean;
  readonly failed: (error: unknown) => void;
};

/** A write that was not sent, since it could not be put down. */
export class NotPutDown extends Problem {}

/** Sends no write before it is in the journal with the record as it was, and puts down how it ended. */
export class JournalingClient extends Watching {
  readonly #rules: JournalRules;
  readonly #provenance: Provenance;
  /** What the last write answered. */
  answered: Json = null;

  constructor(inner: Client, rules: JournalRules, provenance: Provenance) {
    super(inner);
    this.#rules = rules;
    this.#provenance = provenance;
  }

  protected async write(request: ApiRequest, options: CallOptions): Promise<Answer> {
    const { journal, failed } = this.#rules;
    const before = await this.#before(request, options);
    let begun: Promise<string | undefined> | undefined;
    // What only waited in the queue was never written: a crash leaves no doubt about it.
    const onTurn = async () => {
      begun = this.#begin(request, before, options.deadline);
      await begun;
    };
    try {
      const answer = await this.#send(request, { ...options, onTurn });
      const id = await begun;
      if (id !== undefined) await journal.settle(id, 'done', small(this.#part(request, answer.data))).catch(failed);
      return answer;
    } catch (error) {
      // A call may be cancelled while it is being put down.
      const id = await begun?.catch(() => undefined);
      if (id === undefined) throw error;
      const isUnsure = error instanceof PipedriveError && error.applied === 'unknown';
      const said = error instanceof Error ? error.message : String(error);
      const facts = { error: redacted(said, secretsIn(request.body)), ended: isUnsure && error.isEnded };
      await journal.settle(id, isUnsure ? 'unknown' : 'failed', facts).catch(failed);
      throw error;
    }
  }

  async #send(request: ApiRequest, options: CallOptions): Promise<Answer> {
    const answer = await this.inner.request(request, options);
    this.answered = answer.data;
    return answer;
  }

  /** Of a record that a job writes as one of many, only what undoing needs is kept. */
  #part(request: ApiRequest, record: Json): Json {
    if (this.#provenance.item === undefined || !isObject(record)) return record;
    if (request.method === 'PATCH' || request.method === 'PUT') return touchedPart(request, record);
    const keys = request.method === 'POST' ? this.#rules.api.inputKeys(request.path) : undefined;
    return keys ? settablePart(keys, record) : record;
  }

  /** The record as it is now, for the way back. A write whose record can't be read is not held up by that. */
  async #before(request: ApiRequest, options: CallOptions): Promise<JsonObject | undefined> {
    const whole = await readBefore({ client: this.inner, api: this.#rules.api, options }, request);
    const before = whole && this.#part(request, whole);
    return isObject(before) && JSON.stringify(before).length <= LARGEST_KEPT ? before : undefined;
  }

  async #begin(
    { method, path, body }: ApiRequest,
    before: JsonObject | undefined,
    until: number,
  ): Promise<string | undefined> {
    if (method === 'GET') throw new Error('a read is not put down');
    const { journal, isRequired, failed } = this.#rules;
    try {
      return await journal.begin({
        ...this.#provenance,
        until,
        method,
        path,
        ...(body === undefined ? {} : { body }),
        ...(before === undefined ? {} : { before }),
      });
    } catch (cause) {
      failed(cause);
      if (!isRequired) return undefined;
      const problem = new NotPutDown(
        'Nothing was changed: what this server writes must be put down first, and it cannot be.',
        `The state directory cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
        'The user has to make room, or set PIPEDRIVE_STATE_DIR to a directory that can be written; PIPEDRIVE_MODE=open writes without.',
        'no',
      );
      throw Object.assign(problem, { cause });
    }
  }
}

function small(after: Json): { after?: Json } {
  return JSON.stringify(after).length <= LARGEST_KEPT ? { after } : {};
}
