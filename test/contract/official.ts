import { Configuration as V1Configuration } from 'pipedrive/v1';
import { Configuration } from 'pipedrive/v2';
import { afterAll, beforeAll, expect, type TestContext } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { contractFolder } from './folder.ts';
import { loadContract } from './openapi.ts';
import { type Recorder, startRecorder } from './recorder.ts';

/** The official npm client on a sandbox of its own, for the tests of one file; what it receives is recorded. */
export class Official {
  #sandbox: Sandbox | undefined;
  #recorder: Recorder | undefined;

  async start(): Promise<void> {
    this.#sandbox = await startSandbox({ seed: 1, now: new Date('2026-11-20T10:00:00Z') });
    this.#recorder = await startRecorder(this.#sandbox.url);
  }

  async stop(): Promise<void> {
    await this.#recorder?.close();
    await this.#sandbox?.close();
  }

  get sandbox(): Sandbox {
    if (!this.#sandbox) throw new Error('not started');
    return this.#sandbox;
  }

  get recorder(): Recorder {
    if (!this.#recorder) throw new Error('not started');
    return this.#recorder;
  }

  get v1(): V1Configuration {
    return new V1Configuration({ apiKey: this.sandbox.token, basePath: `${this.recorder.url}/v1` });
  }

  get v2(): Configuration {
    return new Configuration({ apiKey: this.sandbox.token, basePath: `${this.recorder.url}/api/v2` });
  }

  /** How many rows the sandbox has in a list, asked without the client. */
  async count(path: string): Promise<number> {
    let rows = 0;
    for (let more: string | null = 'limit=500'; more !== null; ) {
      const response = await fetch(`${this.sandbox.url}${path}${path.includes('?') ? '&' : '?'}${more}`, {
        headers: { 'x-api-token': this.sandbox.token },
      });
      const { data, additional_data } = (await response.json()) as {
        data: unknown[] | null;
        additional_data?: { next_cursor?: string | null; pagination?: { next_start?: number } };
      };
      rows += data?.length ?? 0;
      const cursor = additional_data?.next_cursor;
      const start = additional_data?.pagination?.next_start;
      more = cursor ? `limit=500&cursor=${cursor}` : start ? `limit=500&start=${start}` : null;
    }
    return rows;
  }

  async firstProduct(): Promise<number> {
    const query = 'entity_type=product&field=name&match=middle&term=er';
    const response = await fetch(`${this.sandbox.url}/api/v2/itemSearch/field?${query}`, {
      headers: { 'x-api-token': this.sandbox.token },
    });
    const { data } = (await response.json()) as { data: { id: number }[] };
    const [product] = data;
    if (!product) throw new Error('the sample company has no product with "er" in its name');
    return product.id;
  }

  /** Holds all that came back so far to the official OpenAPI files, where they are at hand. */
  holdToContract(context: TestContext): void {
    const folder = contractFolder();
    if ('missing' in folder) context.skip(folder.missing);
    const contract = loadContract(folder.path);
    const violations = this.recorder.exchanges.flatMap(({ answer, ...exchange }) =>
      contract.checkResponse({ ...exchange, body: answer }),
    );
    expect([...new Set(violations)]).toEqual([]);
  }
}

export function useOfficialClient(): Official {
  const official = new Official();
  beforeAll(() => official.start());
  afterAll(() => official.stop());
  return official;
}

type Page<Row> = { data?: Row[] | null; additional_data?: { next_cursor?: string | null } | null };

/** Every row of a list in v2, page after page until the cursor is null. */
export async function everything<Row extends object>(
  page: (cursor: { cursor?: string }) => Promise<Page<Row>>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const { data, additional_data } = await page(cursor === undefined ? {} : { cursor });
    rows.push(...(data ?? []));
    cursor = additional_data?.next_cursor ?? null;
  }
  expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(rows.length);
  return rows;
}

/** Every row of a list in v1, until there is no next start. */
export async function everythingByStart<Row>(
  page: (start: number) => Promise<{ data?: Row[] | null; additional_data?: unknown }>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let start: number | undefined = 0; start !== undefined; ) {
    const { data, additional_data } = await page(start);
    rows.push(...(data ?? []));
    // The client types `pagination` away for some lists; it is in all of their answers.
    start = (additional_data as { pagination?: { next_start?: number } } | undefined)?.pagination?.next_start;
  }
  return rows;
}

/** What the client rejects with: the body of the answer, without its status. */
export async function rejection(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.fail('Pipedrive would have refused this'),
    (error: unknown) => error,
  );
}

export const refused = { success: false, error: expect.any(String) };

export function idOf(answer: { data?: { id?: number | string | undefined } | null | undefined }): number {
  const id = answer.data?.id;
  if (typeof id !== 'number') throw new Error(`the answer has no id: ${JSON.stringify(answer)}`);
  return id;
}

export function uuidOf(answer: { data?: { id?: unknown } | null | undefined }): string {
  const id = answer.data?.id;
  if (typeof id !== 'string') throw new Error(`the answer has no id: ${JSON.stringify(answer)}`);
  return id;
}

/** Waits for a conversion as the official guide says: asks for its status until it is completed. */
export async function completed<T>(ask: () => Promise<{ status: unknown; result: T }>): Promise<T> {
  for (let tries = 0; tries < 100; tries++) {
    const { status, result } = await ask();
    if (status === 'completed') return result;
    expect(status).toMatch(/^(not_started|running)$/);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the conversion did not end');
}
