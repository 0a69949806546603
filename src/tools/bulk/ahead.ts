import { Watching } from '../../guard/client.ts';
import type { Answer, ApiRequest, CallOptions } from '../../pipedrive/client.ts';
import type { JsonObject } from '../../pipedrive/json.ts';

/**
 * Records that were read many at a time, for whatever reads them one by one before it writes: a request for each would
 * double the price. Each is good until the first write to it.
 */
export class ReadAhead extends Watching {
  readonly #records = new Map<string, JsonObject>();

  /** `path` as a read of this record alone has it. */
  keep(path: string, record: JsonObject): void {
    this.#records.set(path, record);
  }

  /** It is to be read anew. */
  forget(path: string): void {
    this.#records.delete(path);
  }

  override async request(request: ApiRequest, options: CallOptions): Promise<Answer> {
    const known = request.method === 'GET' && !request.query ? this.#records.get(request.path) : undefined;
    if (known) return { data: known, nextCursor: undefined, additional: {}, related: {} };
    return super.request(request, options);
  }

  protected write(request: ApiRequest, options: CallOptions): Promise<Answer> {
    this.#records.delete(request.path);
    return this.inner.request(request, options);
  }
}
