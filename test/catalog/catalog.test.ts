import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod/v3';
import { catalog } from '../../src/catalog/index.ts';
import { endpoints, type Operation } from '../../src/catalog/operation.ts';
import { entries } from '../../src/tools/definitions.ts';

const tools = catalog.map((operation, i) => {
  const definition = entries[i]?.definition;
  if (definition?.name !== operation.name) throw new Error(`${operation.name} has no definition in its place`);
  const properties = (definition.inputSchema['properties'] ?? {}) as Record<string, { description?: string }>;
  return { operation, definition, properties, bytes: Buffer.byteLength(JSON.stringify(definition)) };
});
const names = new Set(catalog.map((operation) => operation.name));

describe.each(tools)('$operation.name', ({ operation, definition, properties, bytes }) => {
  it('has a name, a title and words to be found by', () => {
    expect(operation.name).toMatch(
      /^(list|get|analyze|download|create|upload|duplicate|update|archive|undo|delete|search|find|export|import|add|remove|convert|merge)(_[a-z]+)+$/,
    );
    expect(operation.name.length).toBeLessThanOrEqual(40);
    expect(operation.title).not.toBe('');
    expect(operation.summary).toMatch(/\.$/);
    expect(operation.summary.length).toBeLessThanOrEqual(100);
  });

  it('describes every argument and refuses any other', () => {
    for (const [name, property] of Object.entries(properties)) {
      expect(property.description, name).toMatch(/\S/);
    }
    const result = operation.input.safeParse({ no_such_argument: 1 });
    expect(result.error?.issues).toContainEqual(expect.objectContaining({ code: 'unrecognized_keys' }));
  });

  it('has a schema that every host takes', () => {
    const { inputSchema } = definition;
    expect(inputSchema.type).toBe('object');
    expect(inputSchema['additionalProperties']).toBe(false);
    for (const union of ['anyOf', 'oneOf', 'allOf']) expect(inputSchema).not.toHaveProperty(union);
    expect(JSON.stringify(inputSchema)).not.toMatch(/"\$(ref|defs|schema)"|"definitions"|"format"/);
    expect(bytes).toBeLessThanOrEqual(2_500);
  });

  it('names no tool or argument that does not exist', () => {
    const said = [definition.description, ...Object.values(properties).map((property) => property.description)];
    for (const [word] of said
      .join(' ')
      .matchAll(/\b(list|get|create|update|delete|search|add|remove|merge|upload|download|duplicate)_[a-z_]+/g)) {
      expect(names.has(word) || word in properties, word).toBe(true);
    }
  });

  it('fills its path with required arguments', () => {
    if (operation.job) return;
    for (const [, placeholder = ''] of operation.endpoint.matchAll(/\{(\w+)\}/g)) {
      const argument = operation.path?.[placeholder] ?? placeholder;
      expect(operation.input.shape[argument]?.isOptional(), argument).toBe(false);
    }
    for (const placeholder of Object.keys(operation.path ?? {})) {
      expect(operation.endpoint).toContain(`{${placeholder}}`);
    }
  });

  it('is of the kind that its method does', () => {
    if (operation.job) return;
    const methods = {
      read: /^GET/,
      create: /^POST/,
      update: /^(PUT|PATCH|POST)/,
      delete: /^DELETE/,
      convert: /^POST/,
      merge: /^PUT/,
    };
    expect(operation.endpoint).toMatch(methods[operation.kind]);
    if (operation.paging) expect(operation.kind).toBe('read');
    const verb = operation.name.split('_')[0] ?? '';
    const kinds: Record<string, Operation['kind']> = {
      list: 'read',
      get: 'read',
      search: 'read',
      find: 'read',
      analyze: 'read',
    };
    Object.assign(kinds, { download: 'read', add: 'create', upload: 'create', duplicate: 'create' });
    Object.assign(kinds, { archive: 'update', remove: 'delete' });
    expect(operation.kind).toBe(kinds[verb] ?? verb);
  });

  it('pages as it says', () => {
    const { shape } = operation.input;
    const isPaged = operation.paging === 'cursor' || operation.paging === 'start';
    expect('limit' in shape).toBe(isPaged);
    if (isPaged) expect(shape).toHaveProperty('cursor');
    if (!operation.paging) expect(shape).not.toHaveProperty('cursor');
  });

  it('refers to arguments that it has', () => {
    const { flags = [], rich = [], edits = [] } = operation;
    for (const name of [...flags, ...rich, ...edits.flatMap(({ add, remove }) => [add, remove])]) {
      expect(properties).toHaveProperty(name);
    }
    // Nothing is lost by a list that replaces what is there.
    for (const { list } of edits) expect(properties).not.toHaveProperty(list);
  });

  it('applies no filter that was not asked for', () => {
    const defaults = Object.entries(operation.input.shape)
      .filter(([, schema]) => schema instanceof z.ZodDefault)
      .map(([name]) => name);
    const harmless = ['limit', 'sort', 'sort_by', 'sort_direction'];
    // The schema shows these two: open activities, and whole values of a field.
    if (operation.name === 'list_activities') harmless.push('done');
    if (operation.name === 'search_items_by_field') harmless.push('match');
    expect(harmless).toEqual(expect.arrayContaining(defaults));
  });
});

describe('the catalogue', () => {
  it('has each name once', () => {
    expect(names.size).toBe(catalog.length);
  });

  it('has the default tools that the design names', () => {
    const records = ['deal', 'person', 'organization', 'activity', 'lead', 'note'];
    const verbs = records.flatMap((name) => {
      const plural = name === 'activity' ? 'activities' : `${name}s`;
      return [`list_${plural}`, `get_${name}`, `create_${name}`, `update_${name}`];
    });
    const others =
      'search_items list_deal_updates convert_lead_to_deal get_deals_summary list_pipelines list_fields list_users';
    const core = catalog.filter((operation) => operation.core).map((operation) => operation.name);
    const account = ['get_current_user', 'get_limits', 'list_filters', 'list_changes', 'undo_changes'];
    const jobs = ['analyze_deals', 'get_context', 'update_many'];
    expect(core.toSorted()).toEqual([...verbs, ...others.split(' '), ...account, ...jobs].toSorted());
  });

  it('keeps its budgets', () => {
    const total = (some: typeof tools) => some.reduce((sum, tool) => sum + tool.bytes, 0);
    const core = tools.filter((tool) => tool.operation.core);
    const all = total(tools);
    process.stdout.write(
      `tools/list: core ${core.length} tools, ${total(core)} bytes; ` +
        `all ${tools.length} tools, ${all} bytes, ${Math.round(all / tools.length)} each\n`,
    );
    expect(total(core)).toBeLessThanOrEqual(36_000);
    expect(all / tools.length).toBeLessThanOrEqual(700);
  });

  it('takes dates and times that exist, and a place as one line', () => {
    const parse = (name: string, args: object) => catalog.find((one) => one.name === name)?.input.safeParse(args);
    expect(parse('create_deal', { title: 'A', expected_close_date: '2028-02-29' })?.success).toBe(true);
    expect(parse('create_deal', { title: 'A', expected_close_date: '2026-02-29' })?.success).toBe(false);
    expect(parse('create_deal', { title: 'A', expected_close_date: '29.2.2028' })?.success).toBe(false);
    expect(parse('create_activity', { due_date: '2026-12-01', due_time: '14:30' })?.success).toBe(true);
    expect(parse('create_activity', { due_date: '2026-12-01', due_time: '14:60' })?.success).toBe(false);
    expect(parse('create_organization', { name: 'A', address: '1 Main St, Oslo' })?.data).toEqual({
      name: 'A',
      address: { value: '1 Main St, Oslo' },
    });
  });

  it('has official endpoints and costs', (context) => {
    const folder = process.env['PIPEDRIVE_OPENAPI_DIR'];
    if (!folder) return context.skip('PIPEDRIVE_OPENAPI_DIR names no folder with operations.tsv');
    const file = join(folder, 'operations.tsv');
    if (!existsSync(file)) return context.skip(`PIPEDRIVE_OPENAPI_DIR (${folder}) has no operations.tsv`);
    const rows = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split('\t'));
    const costs = new Map(
      rows.map(([version, , , method, path, , , cost]) => [`${method} /api/${version}${path}`, Number(cost)]),
    );
    const deprecated = new Set(
      rows.filter((row) => row[5] !== '').map(([version, , , method, path]) => `${method} /api/${version}${path}`),
    );
    // Nothing of v2 does what these do.
    for (const kind of ['timeline', 'summary']) deprecated.delete(`GET /api/v1/deals/${kind}/archived`);
    for (const operation of catalog) {
      const each = endpoints(operation).map((endpoint) => {
        expect(costs.has(endpoint), endpoint).toBe(true);
        // Teams are deprecated with nothing in their place.
        expect(deprecated.has(endpoint) && !endpoint.includes('/legacyTeams'), endpoint).toBe(false);
        return costs.get(endpoint) ?? 0;
      });
      // Some tools use all of their endpoints, others pick one; a job uses some of them.
      const [first = 0] = each;
      const all = each.reduce((sum, cost) => sum + cost, 0);
      if (!operation.job) expect([first, all], operation.name).toContain(operation.cost);
      expect(operation.cost, operation.name).toBeGreaterThanOrEqual(first);
      expect(operation.cost, operation.name).toBeLessThanOrEqual(all);
    }
  });
});
