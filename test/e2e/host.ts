import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod/v3';

/** The file that ships, made by `npm run build`. */
export const BUILT = fileURLToPath(new URL('../../dist/pipedrive-mcp.mjs', import.meta.url));

/** A fixed morning, so that sample dates are the same in every run. */
export const NOW = '2026-11-20T10:00:00Z';

export type Row = Record<string, string | number | boolean>;

const content = z.array(z.object({ type: z.string(), text: z.string().optional() }).passthrough());

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an answer by looking into it
export type Loose = Record<string, any>;

/** `beside`: what stands after the text, pictures and files. */
export type Answer = { structure: Loose; text: string; isError: boolean; beside: Loose[] };

/** The built server in a process of its own, with the SDK's client at the other end of its stdio: what a host is. */
export class Host {
  readonly client: Client;
  readonly pid: number;
  readonly stderr: string[];
  readonly #state: string;

  private constructor(client: Client, pid: number, stderr: string[], state: string) {
    this.client = client;
    this.pid = pid;
    this.stderr = stderr;
    this.#state = state;
  }

  /**
   * `blocks`: the size, in blocks of the shell's `ulimit -f`, that no file of the process may pass. `asked` answers for
   * the person whom the server may ask; without it the host has no way to ask.
   */
  static async start(
    args: readonly string[] = [],
    env: Record<string, string> = {},
    blocks = 'unlimited',
    asked?: (question: string) => 'accept' | 'decline',
  ): Promise<Host> {
    // Nothing of one test is left for the next.
    const state = mkdtempSync(join(tmpdir(), 'pipedrive-state-'));
    const client = new Client({ name: 'test host', version: '1' }, { capabilities: asked ? { elicitation: {} } : {} });
    if (asked) {
      client.setRequestHandler(ElicitRequestSchema, ({ params }) => ({
        action: asked(params.message),
        content: { confirm: true },
      }));
    }
    const transport = new StdioClientTransport({
      command: blocks === 'unlimited' ? process.execPath : 'sh',
      args: [...(blocks === 'unlimited' ? [] : limited(blocks)), BUILT, ...args],
      env: { PATH: process.env['PATH'] ?? '', PIPEDRIVE_STATE_DIR: state, PIPEDRIVE_MODE: 'open', ...env },
      stderr: 'pipe',
    });
    const stderr: string[] = [];
    transport.stderr?.on('data', (chunk) => stderr.push(String(chunk)));
    await client.connect(transport);
    return new Host(client, transport.pid ?? 0, stderr, state);
  }

  /** Calls a tool; checks what holds for every answer: text and structure say the same. */
  async call(name: string, args: Record<string, unknown> = {}, signal?: AbortSignal): Promise<Answer> {
    const result = await this.client.callTool({ name, arguments: args }, undefined, signal ? { signal } : {});
    const [part, ...beside] = content.parse(result.content);
    const text = part?.text ?? '';
    const structure = z.record(z.any()).parse(result.structuredContent);
    if (JSON.stringify(structure) !== text) throw new Error(`${name}: text and structure differ`);
    return { structure, text, isError: result.isError === true, beside };
  }

  async ok(name: string, args: Record<string, unknown> = {}): Promise<Loose> {
    const answer = await this.call(name, args);
    if (answer.isError) throw new Error(`${name} ${JSON.stringify(args)}: ${answer.text}`);
    return answer.structure;
  }

  async fails(name: string, args: Record<string, unknown> = {}): Promise<string> {
    const answer = await this.call(name, args);
    if (!answer.isError) throw new Error(`${name} ${JSON.stringify(args)} did not fail: ${answer.text}`);
    for (const key of ['error', 'why', 'next']) z.string().min(1).parse(answer.structure[key]);
    return answer.text;
  }

  async close(): Promise<void> {
    await this.client.close();
    rmSync(this.#state, { recursive: true, force: true });
  }
}

function limited(blocks: string): string[] {
  return ['-c', `ulimit -f ${blocks}; exec "$@"`, 'sh', process.execPath];
}

/** The rows of a list answer by column. */
export function rows(list: Loose): Row[] {
  const columns = z.array(z.string()).parse(list['columns']);
  return z
    .array(z.array(z.union([z.string(), z.number(), z.boolean()])))
    .parse(list['rows'])
    .map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? ''])));
}

export type SandboxProcess = {
  url: string;
  token: string;
  /** Environment of a server that works this sandbox. */
  env: Record<string, string>;
  log(): Promise<{ time: string; method: string; path: string; status: number; tokens: number }[]>;
  // biome-ignore lint/suspicious/noExplicitAny: what the sandbox answers is looked into by each test
  get(path: string): Promise<any>;
  stop(): Promise<void>;
};

/** `pipedrive-mcp sandbox` as a user runs it. */
export async function startSandboxProcess(args: readonly string[] = []): Promise<SandboxProcess> {
  const child = spawn(process.execPath, [BUILT, 'sandbox', '--port', '0', '--now', NOW, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await firstLine(child);
  const { url, token } = z.object({ url: z.string(), token: z.string() }).parse(JSON.parse(line));
  // biome-ignore lint/suspicious/noExplicitAny: what the sandbox answers is looked into by each test
  const get = async (path: string): Promise<any> =>
    (await fetch(url + path, { headers: { 'x-api-token': token } })).json();
  return {
    url,
    token,
    env: { PIPEDRIVE_API_TOKEN: token, PIPEDRIVE_BASE_URL: url, PIPEDRIVE_PLAN: 'ultimate' },
    get,
    log: () => get('/_sandbox/log'),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

export function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it said anything`)));
    if (!child.stdout) throw new Error('no stdout to read');
    createInterface({ input: child.stdout }).once('line', resolve);
  });
}
