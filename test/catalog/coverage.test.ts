import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { catalog } from '../../src/catalog/index.ts';
import { omitted, shut } from '../../src/catalog/omitted.ts';
import { endpoints } from '../../src/catalog/operation.ts';
import { routes } from '../../src/sandbox/routes.ts';

/** Every operation of the API as the official npm client has it, whatever this project thinks of it. */
const client = dirname(createRequire(import.meta.url).resolve('pipedrive'));

function official(version: 'v1' | 'v2'): string[] {
  const folder = join(client, 'esm', 'versions', version, 'api');
  const found = readdirSync(folder)
    .filter((file) => file.endsWith('-api.js'))
    .flatMap((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      const creators = text.slice(0, text.indexOf('ApiFp = '));
      const form = /const localVarPath = `([^`]+)`[\s\S]*?\{ method: '([A-Z]+)'[ ,]/g;
      return [...creators.matchAll(form)].map(([, path, method]) => `${method} /api/${version}${path}`);
    });
  return [...new Set(found)].sort();
}

const all = [...official('v1'), ...official('v2')];
/** Parameters aside, whose names are nobody's business here. */
const shape = (endpoint: string) => endpoint.replaceAll(/\{[^}]+\}/g, '{}');

test('the official client has the operations that it is known to have', () => {
  expect(all).toHaveLength(368);
});

test('each operation is a tool, or stands in the table of those that are none, once', () => {
  const tools = new Map<string, string[]>();
  for (const operation of catalog) {
    for (const endpoint of endpoints(operation)) {
      tools.set(shape(endpoint), [...(tools.get(shape(endpoint)) ?? []), operation.name]);
    }
  }
  const left = new Set([...omitted.flatMap(({ operations }) => Object.keys(operations)), ...shut].map(shape));
  const missing = all.filter((endpoint) => !tools.has(shape(endpoint)) && !left.has(shape(endpoint)));
  const both = all.filter((endpoint) => tools.has(shape(endpoint)) && left.has(shape(endpoint)));
  const unknown = [...tools.keys(), ...left].filter((endpoint) => !all.map(shape).includes(endpoint));
  // An operation that helps another tool may be the main one of its own; being the main one of two is one too many.
  const main = catalog.filter(({ job }) => !job).map(({ endpoint }) => shape(endpoint));
  const twice = main.filter((endpoint, index) => main.indexOf(endpoint) !== index);
  expect({ missing, both, unknown, twice }).toEqual({ missing: [], both: [], unknown: [], twice: [] });
  process.stdout.write(`operations: ${all.length}, tools: ${catalog.length}, not tools: ${left.size}\n`);
});

test('what stands in the place of an operation is a tool', () => {
  const names = new Set(catalog.map(({ name }) => name));
  const gone = omitted.flatMap(({ operations }) => Object.values(operations)).filter((name) => !names.has(name));
  expect(gone).toEqual([]);
});

test('the sandbox answers each of them', () => {
  const answered = new Set(routes.map(({ method, version, path }) => shape(`${method} /api/${version}${path}`)));
  expect(all.filter((endpoint) => !answered.has(shape(endpoint)))).toEqual([]);
  expect(routes).toHaveLength(368);
});
