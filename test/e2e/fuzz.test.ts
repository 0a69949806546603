import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Host, type Loose, type SandboxProcess, startSandboxProcess } from './host.ts';

/**
 * Every tool, called with whatever its JSON schema allows and a little that it does not. Whatever comes: an answer or an
 * error in three parts, no fault of the sandbox, no hash as a key, no crash, and no write that is denied.
 */
const RUNS = 20;
/** On a busy machine each tool is tried less often, though never less than so, to end in this time. */
const LEAST_RUNS = 5;
const TIME_MS = 40_000;
/** Pairs of a server and a sandbox, each with a part of the tools: a server keeps to the rate limit of its plan. */
const PAIRS = 4;

type Schema = {
  type?: string | string[];
  enum?: unknown[];
  anyOf?: Schema[];
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
};

const words = [
  '',
  ' ',
  'me',
  'x',
  'Катя Фогель 🎉',
  '李雷',
  'n'.repeat(300),
  '%_\\"\'<script>',
  'a\u0000b\nc',
  '\ud800',
  '../../x',
  '..',
  '.',
  '__proto__',
  'constructor',
  '2026-02-30',
  '0000-00-00',
  '2026-11-20',
  '2026-11-20 14:30',
  '2026-11-20T14:30:00Z',
  '99:99',
  '14:30',
  '-1',
  '1e999',
  'null',
  '[]',
  '{"a":1}',
  'https://varsa-instruments.pipedrive.com/deal/1',
  'https://example.com/hook',
  'a@b.ee',
  '00000000-0000-4000-8000-000000000000',
  'f'.repeat(40),
  'iVBORw0KGgo=',
  'EUR',
  'NaN',
];
const strange = [0, -1, 0.5, -0.001, 1e15, 2 ** 53, 1e300, -1e300, 1e-9];
const conditions = ['value > 5', 'owner = me', 'name is empty', 'title ~ x', '> 3', 'value > 5 and'];

/** What the account has, so that not every call ends at its first argument. */
type Known = { readonly texts: readonly string[]; readonly ids: readonly string[]; readonly labels: readonly string[] };

const picture = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const day = fc
  .date({ min: new Date('2025-01-01'), max: new Date('2027-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

/** Makes arguments by a JSON schema: mostly what is meant, sometimes what is not. */
class Caller {
  readonly #known: Known;
  readonly #text: fc.Arbitrary<unknown>;

  constructor(known: Known) {
    this.#known = known;
    this.#text = fc.oneof(fc.constantFrom(...words), fc.string(), fc.constantFrom(...known.texts));
  }

  argumentsOf({ properties = {}, required = [] }: Schema): fc.Arbitrary<Loose> {
    // Of the two ways to give a file only one may be taken, and nearly every cursor is a wrong one.
    const isUpload = 'content' in properties && 'path' in properties;
    const always = [...required, ...(isUpload ? ['content', 'file_name'] : [])];
    const optional = Object.keys(properties).filter((name) => name !== 'path' && !always.includes(name));
    const some = (names: readonly string[]) => {
      // With all of thirty arguments at once, one of them is wrong each time.
      const maxLength = Math.min(4, names.length);
      return fc.subarray([...names], { minLength: Math.min(1, maxLength), maxLength });
    };
    const kept = fc.oneof({ weight: 9, arbitrary: some(optional.filter((name) => name !== 'cursor')) }, some(optional));
    return kept.chain((names) => {
      const parts = [...always, ...names].map((name) => [name, this.#valueOf(properties[name] ?? {}, name)]);
      return fc.record(Object.fromEntries(parts));
    });
  }

  #valueOf(schema: Schema, name: string): fc.Arbitrary<unknown> {
    const anything = fc.oneof(this.#text, numbers({}), fc.jsonValue({ maxDepth: 2 }));
    return fc.oneof({ weight: 25, arbitrary: this.#meant(schema, name) }, { weight: 1, arbitrary: anything });
  }

  #meant(schema: Schema, name: string): fc.Arbitrary<unknown> {
    if (schema.enum) return fc.constantFrom(...schema.enum);
    if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => this.#meant(one, name)));
    if (Array.isArray(schema.type)) {
      const [first, ...others] = schema.type.map((type) => this.#meant({ ...schema, type }, name));
      return fc.oneof({ weight: 6, arbitrary: first ?? fc.constant(null) }, ...others);
    }
    switch (schema.type) {
      case 'null':
        return fc.constant(null);
      case 'boolean':
        return fc.boolean();
      case 'integer':
      case 'number':
        return numbers(schema);
      case 'string':
        return fc.oneof({ weight: 6, arbitrary: this.#textOf(name) }, this.#text);
      case 'array': {
        const { items = {}, minItems = 0, maxItems = 3 } = schema;
        return fc.array(this.#valueOf(items, name), { minLength: minItems, maxLength: Math.min(maxItems, 4) });
      }
      default: {
        if (schema.properties) return this.argumentsOf(schema);
        const label = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...this.#known.labels) }, this.#text);
        return fc.dictionary(label as fc.Arbitrary<string>, this.#valueOf({ type: 'string' }, ''), { maxKeys: 2 });
      }
    }
  }

  #textOf(name: string): fc.Arbitrary<unknown> {
    if (/^(where|all_of|any_of)$/.test(name)) return fc.constantFrom(...conditions);
    if (/(^|_)(date|start|end|since|until|time)$|^since_|^updated_|^period_/.test(name)) {
      return /^due_time$|duration/.test(name) ? fc.constantFrom('14:30', '00:45') : day;
    }
    if (/(^|_)id$/.test(name)) return fc.constantFrom(...this.#known.ids);
    if (/^(field|field_code|fields)$/.test(name)) return fc.constantFrom(...this.#known.labels);
    if (name === 'content') return fc.constantFrom(picture, 'JVBERi0xLjQ=', 'eA==');
    if (/url|website/.test(name)) return fc.constant('https://example.com/hook');
    if (/currency/.test(name)) return fc.constantFrom('EUR', 'USD');
    if (/^color$/.test(name)) return fc.constantFrom('blue', 'FF00AA');
    return fc.constantFrom('Offer.pdf', 'Катя Фогель 🎉', 'Julien', 'a@b.ee');
  }
}

function numbers({ type = 'integer', minimum = 0, maximum = 2 ** 31 }: Schema): fc.Arbitrary<unknown> {
  const any = type === 'integer' ? fc.integer({ min: minimum, max: maximum }) : fc.double({ noNaN: true });
  const min = Math.max(1, minimum);
  const upTo = (more: number) => fc.integer({ min, max: Math.min(maximum, min + more) });
  const near = { weight: 12, arbitrary: upTo(2) };
  return fc.oneof(near, { weight: 10, arbitrary: upTo(14) }, any, fc.constantFrom(...strange));
}

/** What is wrong with an answer, if anything is. */
function faultOf({
  structure,
  text: said,
  isError,
}: {
  structure: Loose;
  text: string;
  isError: boolean;
}): string | undefined {
  if (said.length > 40_000) return `${said.length} characters`;
  if (/Internal server error|\[object Object\]|\bundefined\b|unexpected form/.test(said)) return said.slice(0, 300);
  if (isError) {
    const { error, why, next, code } = structure;
    const isWhole = [error, why, next].every((part) => typeof part === 'string' && part.trim() !== '');
    if (!isWhole) return `not in three parts: ${said.slice(0, 300)}`;
    if (/unavailable|connection_lost|bad_response|deadline|rate_limited/.test(String(code))) return said.slice(0, 300);
  }
  if (hasNull(structure)) return `a null: ${said.slice(0, 300)}`;
  const hash = keysOf(structure).find((key) => /[0-9a-f]{40}/.test(key));
  return hash && `the hash ${hash} as a key`;
}

function hasNull(of: unknown): boolean {
  return of === null || (typeof of === 'object' && Object.values(of).some(hasNull));
}

function keysOf(of: unknown): string[] {
  if (typeof of !== 'object' || of === null) return [];
  const inner = Object.values(of).flatMap(keysOf);
  return Array.isArray(of) ? inner : [...Object.keys(of), ...inner];
}

async function familiar(host: Host): Promise<Known> {
  const entities = ['leads', 'goals', 'call_logs', 'permission_sets', 'roles', 'project_boards', 'users', 'pipelines'];
  const lists = await Promise.all(entities.map((one) => host.ok(`list_${one}`)));
  const texts = JSON.stringify(lists).match(/(?<=")[^"\\]{3,60}(?=")/g) ?? [];
  const ids = texts.filter((text) => /^(CA)?[0-9a-f-]{26,36}$/.test(text));
  const labels: string[] = [];
  for (const entity of ['deal', 'person', 'organization', 'product', 'project']) {
    const { rows } = await host.ok('list_fields', { entity });
    labels.push(...rows.map(([label]: string[]) => label));
  }
  return { texts, ids, labels };
}

/** What reads comes first, what deletes last, so that there is something to work on. */
function order({ annotations }: Tool): number {
  return annotations?.readOnlyHint ? 0 : annotations?.destructiveHint ? 2 : 1;
}

test('whatever a tool is called with, it answers', async () => {
  const wrong: string[] = [];
  const counts = { calls: 0, answers: 0, sent: 0 };
  const first = await Host.start(['--toolsets', 'all', '--sandbox']);
  const listed = (await first.client.listTools()).tools;
  const tools = listed.toSorted((a, b) => order(a) - order(b));
  const caller = new Caller(await familiar(first));
  await first.close();

  async function pair(part: number): Promise<void> {
    const sandbox: SandboxProcess = await startSandboxProcess();
    const host = await Host.start(['--toolsets', 'all'], sandbox.env);
    const began = performance.now();
    let seen = 0;
    const since = async () => {
      const log = await sandbox.log();
      const entries = log.slice(seen);
      seen = log.length;
      return entries;
    };
    for (const [index, { name, inputSchema }] of tools.entries()) {
      if (index % PAIRS !== part) continue;
      const seed = (fc.readConfigureGlobal().seed ?? 0) + index;
      const isLate = () => performance.now() - began > (TIME_MS * (index + 1)) / tools.length;
      const samples = fc.sample(caller.argumentsOf(inputSchema as Schema), { numRuns: RUNS, seed });
      for (const [run, args] of samples.entries()) {
        if (run >= LEAST_RUNS && isLate()) break;
        counts.calls += 1;
        const tell = (fault: string) => wrong.push(`${name} ${JSON.stringify(args).slice(0, 600)}: ${fault}`);
        const answer = await host.call(name, args).catch((error: unknown) => void tell(String(error)));
        if (!answer) continue;
        counts.answers += Number(!answer.isError);
        const fault = faultOf(answer);
        if (fault) tell(fault);
        const sent = await since();
        counts.sent += sent.length;
        for (const { method, path, status } of sent) {
          if (status >= 500) tell(`${status} to ${method} ${path}`);
          const isWrite = method !== 'GET' && status < 300;
          // A request to remove several answers well where it removed none, as does the start of a conversion that fails.
          if (isWrite && answer.structure['written'] === 'no' && !/ids=|\/convert\//.test(path))
            tell(`it wrote ${method} ${path}`);
        }
      }
    }
    expect(host.stderr.join('')).toBe('');
    await host.close();
    await sandbox.stop();
  }
  await Promise.all(Array.from({ length: PAIRS }, (_, part) => pair(part)));
  process.stdout.write(
    `${counts.calls} calls of ${tools.length} tools: ${counts.answers} answered, ${counts.sent} requests\n`,
  );
  expect(wrong).toEqual([]);
  // Were most refused at the door, little would have been tried.
  expect(counts.answers).toBeGreaterThan(counts.calls / 4);
}, 120_000);
