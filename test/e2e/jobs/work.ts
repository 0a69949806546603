import { expect } from 'vitest';
import { z } from 'zod/v3';
import { Host, type Loose, type Row, rows, type SandboxProcess } from '../host.ts';

/** A job as a person asks for it, done in calls and checked against the sandbox's own data. */
export type Job = {
  readonly ask: string;
  /** Toolsets that it takes besides core. */
  readonly toolsets?: readonly string[];
  /** What was before it, in calls that are not part of it. */
  readonly before?: (work: Work) => Promise<void>;
  /** Makes the calls; what it gives is to be checked. */
  readonly run: (work: Work) => Promise<() => Promise<void> | void>;
};

/** What a job took. Tokens of the answer are bytes / 4, up to the next 50. */
export type Cost = {
  readonly calls: readonly string[];
  readonly requests: number;
  readonly apiTokens: number;
  readonly answerTokens: number;
};

/** A server that has just started, on a sample company as it was made, guarded so that hard writes are confirmed. */
export class Work {
  readonly #host: Host;
  readonly #sandbox: SandboxProcess;
  #calls: string[] = [];
  #requests = 0;
  #apiTokens = 0;
  #bytes = 0;

  private constructor(host: Host, sandbox: SandboxProcess) {
    this.#host = host;
    this.#sandbox = sandbox;
  }

  static async start(sandbox: SandboxProcess, toolsets: readonly string[] = []): Promise<Work> {
    await fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' });
    const env = { PIPEDRIVE_MODE: 'guarded', PIPEDRIVE_TOOLSETS: ['core', ...toolsets].join(',') };
    return new Work(await Host.start([], { ...sandbox.env, ...env }), sandbox);
  }

  /** Calls a tool and counts what it took. */
  async call(tool: string, args: Loose = {}): Promise<Loose> {
    const before = (await this.#sandbox.log()).length;
    const { structure, text, isError } = await this.#host.call(tool, args);
    if (isError) throw new Error(`${tool} ${JSON.stringify(args)}: ${text}`);
    const log = (await this.#sandbox.log()).slice(before);
    const { plan, ...shown } = args;
    this.#calls.push(`${tool} ${JSON.stringify(plan === undefined ? shown : { ...shown, plan: '<plan_code>' })}`);
    this.#requests += log.length;
    this.#apiTokens += log.reduce((sum, { tokens }) => sum + tokens, 0);
    this.#bytes += Buffer.byteLength(text);
    return structure;
  }

  async rows(tool: string, args: Loose = {}): Promise<Row[]> {
    return rows(await this.call(tool, args));
  }

  /** A write that waits for the person's word, and gets it: two calls. */
  async confirmed(tool: string, args: Loose): Promise<Loose> {
    const asked = await this.call(tool, args);
    expect(asked).toMatchObject({ needs_confirmation: true, nothing_changed: true });
    return this.call(tool, { ...args, plan: asked['plan_code'] });
  }

  /** What was done so far is not part of the job. */
  forget(): void {
    [this.#calls, this.#requests, this.#apiTokens, this.#bytes] = [[], 0, 0, 0];
  }

  get cost(): Cost {
    const answerTokens = Math.ceil(this.#bytes / 4 / 50) * 50;
    return { calls: this.#calls, requests: this.#requests, apiTokens: this.#apiTokens, answerTokens };
  }

  /** One record, straight from the sandbox. */
  async get(path: string): Promise<Loose> {
    return (await this.#sandbox.get(path)).data;
  }

  /** All records of a list, straight from the sandbox. */
  async all(path: string): Promise<Loose[]> {
    const { data, additional_data: more } = await this.#sandbox.get(
      `${path}${path.includes('?') ? '&' : '?'}limit=500`,
    );
    expect(more?.next_cursor ?? null).toBeNull();
    expect(more?.pagination?.more_items_in_collection ?? false).toBe(false);
    return data ?? [];
  }

  /** Puts a record into the sandbox, past the server. */
  async add(path: string, body: Loose): Promise<Loose> {
    const headers = { 'x-api-token': this.#sandbox.token, 'content-type': 'application/json' };
    const answer = await fetch(this.#sandbox.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(answer.ok).toBe(true);
    return z.object({ data: z.record(z.any()) }).parse(await answer.json()).data;
  }

  async close(): Promise<void> {
    await this.#host.close();
  }
}
