import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalog } from '../../src/catalog/index.ts';
import { endpoints, type Operation } from '../../src/catalog/operation.ts';
import { PlanCodes } from '../../src/guard/codes.ts';
import { Jobs } from '../../src/guard/jobs.ts';
import { Journal } from '../../src/guard/journal.ts';
import { Leftovers } from '../../src/guard/leftovers.ts';
import { Taint } from '../../src/guard/taint.ts';
import { createClient } from '../../src/pipedrive/client.ts';
import { Throttle } from '../../src/pipedrive/throttle.ts';
import { routes } from '../../src/sandbox/routes.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { StateDirectory } from '../../src/state/directory.ts';
import { entries } from '../../src/tools/definitions.ts';
import { Tools } from '../../src/tools/index.ts';
import { buildRequest } from '../../src/tools/request.ts';
import { api } from '../../src/tools/writing/api.ts';
import { importFiles } from './families/jobs.ts';
import { contractFolder } from './folder.ts';
import { type Contract, loadContract } from './openapi.ts';
import { type Recorder, startRecorder } from './recorder.ts';
import { Scene } from './scene.ts';
import { unsent, variants } from './variants.ts';

/**
 * Holds each tool's requests, smallest to fullest, and each of the sandbox's answers to the official OpenAPI files: the
 * tools are run for real, and what is checked is what went over the wire.
 */
const folder = contractFolder();
/** For work on a few tools: those whose name matches are called, and only those reads are asked whose path does. */
const narrowed = new RegExp(process.env['CONTRACT_ONLY'] ?? '');
const reason = 'missing' in folder ? folder.missing : undefined;
if (reason) process.stderr.write(`The contract check is skipped: ${reason}\n`);

describe.skipIf(reason)('the contract', () => {
  let contract: Contract;
  let sandbox: Sandbox;
  let recorder: Recorder;
  let tools: Tools;
  /** With a journal, for jobs of many writes, which put each of them down. */
  let guarded: Tools;
  const place = mkdtempSync(join(tmpdir(), 'pipedrive-contract-'));
  const lists = new Map<string, Promise<unknown>>();

  beforeAll(async () => {
    contract = loadContract('path' in folder ? folder.path : '');
    sandbox = await startSandbox({ seed: 1, now: new Date('2026-11-20T10:00:00Z') });
    recorder = await startRecorder(sandbox.url);
    const settings = { token: sandbox.token, baseUrl: recorder.url, userAgent: 'contract' };
    // The sandbox counts nothing here, so neither does the client: a window of 20 ms instead of two seconds.
    const client = createClient(settings, new Throttle('ultimate', 20));
    tools = new Tools(client, 20_000);
    const directory = new StateDirectory(place, { token: sandbox.token, base: sandbox.url });
    const journal = new Journal(directory);
    for (const [name, text] of Object.entries(importFiles)) writeFileSync(join(place, name), text);
    guarded = new Tools(client, 20_000, [place], {
      mode: 'open',
      codes: new PlanCodes(),
      taint: new Taint(),
      isSilent: false,
      journal,
      leftovers: new Leftovers(journal),
      jobs: new Jobs(directory),
      api,
      isRequired: true,
      failed: (error) => {
        throw error;
      },
    });
  });

  afterAll(async () => {
    await recorder.close();
    await sandbox.close();
    rmSync(place, { recursive: true, force: true });
  });

  it('knows what is wrong when it sees it', () => {
    const request = { method: 'GET', path: '/api/v2/deals' };
    expect(contract.findOperation('GET', '/v1/users/me')?.name).toBe('GET /api/v1/users/me');
    expect(contract.checkRequest({ ...request, query: { status: 'open,won', limit: '3' } })).toEqual([]);
    expect(contract.checkRequest({ ...request, query: { status: 'open,wun' } })).toHaveLength(1);
    expect(contract.checkRequest({ ...request, query: { stage: '3' } })).toHaveLength(1);
    expect(contract.checkRequest({ ...request, query: { limit: 'all' } })).toHaveLength(1);
    expect(contract.checkRequest({ ...request, path: '/api/v2/dealz' })).toHaveLength(1);
    const create = { method: 'POST', path: '/api/v2/deals' };
    expect(contract.checkRequest({ ...create, body: { title: 'A', custom_fields: { ['a'.repeat(40)]: 1 } } })).toEqual(
      [],
    );
    expect(contract.checkRequest({ ...create, body: { title: 'A', valeu: 3 } })).toHaveLength(1);
    expect(contract.checkRequest({ ...create, body: { value: 'three' } })).toHaveLength(2);
  });

  it('holds the official examples to be right, and damaged ones not', () => {
    const wrong: string[] = [];
    let lost = 0;
    let keys = 0;
    for (const { name, declaration } of contract.operations) {
      const [method = '', path = ''] = name.split(' ');
      const responses = declaration['responses'] as Record<string, { content?: Record<string, { example?: unknown }> }>;
      for (const [status, { content }] of Object.entries(responses)) {
        const body = content?.['application/json']?.example as Record<string, unknown> | undefined;
        if (body === undefined || Number(status) >= 300) continue;
        const answered = { method, path: path.replace(/\{.*?\}/g, '1'), status: Number(status) };
        wrong.push(...contract.checkResponse({ ...answered, body }));
        const { data } = body as { data?: unknown };
        const row = Array.isArray(data) ? data[0] : data;
        const [key] = Object.keys(row !== null && typeof row === 'object' ? row : {});
        if (key === undefined || (Array.isArray(data) && data.length > 1)) continue;
        keys += 1;
        const { [key]: _, ...rest } = row as Record<string, unknown>;
        const damaged = { ...body, data: Array.isArray(data) ? [rest] : rest };
        if (contract.checkResponse({ ...answered, body: damaged }).length === 0) lost += 1;
      }
    }
    expect(wrong).toEqual([]);
    expect(keys).toBeGreaterThan(200);
    expect(lost / keys).toBeLessThan(0.05);
  });

  it('names operations that exist, at their official cost', () => {
    const wrong: string[] = [];
    for (const operation of catalog) {
      const known = endpoints(operation).map((endpoint) => contract.operations.find(({ name }) => name === endpoint));
      for (const [i, found] of known.entries())
        if (!found) wrong.push(`${operation.name}: ${endpoints(operation)[i]} is unknown`);
      const [first] = known;
      if (first && known.length === 1 && first.cost !== operation.cost) {
        wrong.push(`${operation.name}: costs ${first.cost}, not ${operation.cost}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('is known to the sandbox, at the official cost and with nothing beyond it', () => {
    const wrong = routes.flatMap(({ method, version, path, cost }) => {
      const found = contract.operations.find(({ name }) => name === `${method} /api/${version}${path}`);
      if (!found) return [`${method} /api/${version}${path} is no official operation`];
      return found.cost === cost ? [] : [`${found.name} costs ${found.cost}, not ${cost}`];
    });
    const answered = new Set(routes.map(({ method, version, path }) => `${method} /api/${version}${path}`));
    const missing = catalog.flatMap(endpoints).filter((endpoint) => !answered.has(endpoint));
    expect([...wrong, ...missing.map((endpoint) => `${endpoint} is not answered`)]).toEqual([]);
  });

  it('is kept by every read with all that can be asked to be included', async () => {
    const violations = new Set<string>();
    for (const { method, version, path } of routes.filter(
      (route) => route.method === 'GET' && narrowed.test(route.path),
    )) {
      const scene = new Scene(sandbox, lists);
      const segments = path.split('/');
      // Conversions and pictures, of which records have none by themselves, are asked for by their tools.
      if (segments.includes('{conversion_id}') || segments.includes('picture')) continue;
      for (const [i, segment] of segments.entries()) {
        if (!segment.startsWith('{')) continue;
        const [parent = '', above = ''] = [segments[i - 1], segments[i - 3]];
        segments[i] = String(
          await (segment === '{id}' && parent.endsWith('Fields') ? scene.fieldId(parent) : scene.at(parent, above)),
        );
      }
      const address = `/api/${version}${segments.join('/')}`;
      const query = await included(scene, method, address);
      const response = await fetch(`${sandbox.url}${address}?${new URLSearchParams(query)}`, {
        headers: { 'x-api-token': sandbox.token },
      });
      const body = await response.json().catch(() => undefined);
      if (!response.ok) violations.add(`${method} ${address} ${JSON.stringify(query)}: ${JSON.stringify(body)}`);
      for (const one of contract.checkRequest({ method, path: address, query })) violations.add(one);
      const answered = { method, path: address, query, status: response.status, body };
      for (const one of contract.checkResponse(answered)) violations.add(one);
    }
    expect([...violations]).toEqual([]);
  });

  /** Every parameter that adds something to an answer, and what is required. */
  async function included(scene: Scene, method: string, address: string): Promise<Record<string, string>> {
    const declared = (contract.findOperation(method, address)?.declaration['parameters'] ?? []) as {
      name: string;
      in: string;
      required?: boolean;
      schema: { type?: string; enum?: string[] };
    }[];
    const required: Record<string, string> = {
      term: 'Contract',
      folder: 'inbox',
      deal_ids: String(await scene.dealWithLine()),
      board_id: '1',
      entity_type: 'deal',
      field: 'title',
      'period.start': '2026-03-01',
      'period.end': '2026-06-30',
      org_id: String(await scene.organization()),
      start_date: '2026-09-01',
      end_date: '2026-11-30',
      interval: 'month',
      amount: '3',
      field_key: 'add_time',
      since_timestamp: '2026-11-01 00:00:00',
    };
    const query: Record<string, string> = {};
    for (const { name, in: place, required: isRequired, schema } of declared) {
      if (name === 'include_fields') query[name] = [...new Set((schema.enum ?? []).join().split(','))].join();
      else if (name.startsWith('include_')) query[name] = schema.type === 'number' ? '1' : 'true';
      else if (place === 'query' && isRequired) query[name] = required[name] ?? '';
    }
    return query;
  }

  it('is kept by every tool and every answer', { timeout: 120_000 }, async () => {
    const rows: (string | number)[][] = [];
    const violations: string[] = [];
    for (const operation of catalog.filter(({ name }) => narrowed.test(name))) {
      const found = new Set<string>();
      recorder.exchanges.length = 0;
      const calls = await run(operation, found).catch((error: unknown) => {
        found.add(String(error));
        return 0;
      });
      const requests = recorder.exchanges.length;
      for (const { answer, ...exchange } of recorder.exchanges) {
        for (const one of contract.checkRequest(exchange)) found.add(one);
        for (const one of contract.checkResponse({ ...exchange, body: answer })) found.add(one);
        if (exchange.status >= 400)
          found.add(`${exchange.method} ${exchange.path}: ${exchange.status} ${JSON.stringify(answer)}`);
      }
      rows.push([operation.name, calls, requests, requests, found.size]);
      violations.push(...[...found].map((one) => `${operation.name}: ${one}`));
    }
    violations.push(...(await wrongCosts()));
    process.stdout.write(table([['operation', 'calls', 'requests', 'answers', 'violations'], ...rows]));
    expect(violations).toEqual([]);
  });

  /** Calls a tool with every variant of its arguments and adds what goes wrong. Returns how many calls that were. */
  async function run(operation: Operation, found: Set<string>): Promise<number> {
    const schema = entries.find(({ definition }) => definition.name === operation.name)?.definition.inputSchema ?? {};
    // They ask the journal of a process, not the API.
    if (operation.name === 'list_changes' || operation.name === 'undo_changes') return 0;
    const signal = new AbortController().signal;
    const all = await variants(operation, schema, () => new Scene(sandbox, lists));
    for (const { name, args } of all) {
      const { structure, isError } = await (operation.toolset === 'bulk' ? guarded : tools).call(
        operation.name,
        args as never,
        signal,
      );
      const { plan_code: plan } = structure;
      if (operation.toolset === 'bulk' && typeof plan === 'string') {
        const done = await guarded.call(operation.name, { ...(args as object), plan }, signal);
        if (done.isError || 'failed' in done.structure) found.add(`${name}, done: ${JSON.stringify(done.structure)}`);
      }
      if (isError) found.add(`${name} ${JSON.stringify(args)}: ${JSON.stringify(structure)}`);
      const cursor = structure['next_cursor'];
      if (name !== 'smallest' && typeof cursor === 'string') {
        const next = await tools.call(operation.name, { ...(args as object), cursor }, signal);
        if (next.isError) found.add(`${name}, next page: ${JSON.stringify(next.structure)}`);
      }
    }
    for (const { args } of await unsent(operation, schema, new Scene(sandbox, lists))) {
      const { query = {}, body, ...request } = buildRequest(operation, args as never);
      for (const one of contract.checkRequest({ ...request, query, body })) found.add(one);
    }
    return all.length;
  }

  /** The sandbox's log says what it charged for each request. */
  async function wrongCosts(): Promise<string[]> {
    const response = await fetch(`${sandbox.url}/_sandbox/log`);
    const log = (await response.json()) as { method: string; path: string; status: number; tokens: number }[];
    const wrong = log.flatMap(({ method, path, tokens }) => {
      const operation = contract.findOperation(method, path.replace(/\?.*/, ''));
      return operation && operation.cost !== tokens
        ? [`sandbox: ${operation.name} costs ${operation.cost}, not ${tokens}`]
        : [];
    });
    return [...new Set(wrong)];
  }
});

function table(rows: (string | number)[][]): string {
  const width = Math.max(...rows.map(([name]) => String(name).length));
  return `${rows.map(([name, ...cells]) => [String(name).padEnd(width), ...cells.map((cell) => String(cell).padStart(10))].join(' ')).join('\n')}\n`;
}
