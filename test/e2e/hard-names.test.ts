import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertCustomField, type NewCustomField } from '../../src/sandbox/fields/builtin.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import type { World } from '../../src/sandbox/world.ts';
import { type Api, apiOf } from '../sandbox/api.ts';
import { craftedFile, editFile, insertUser, removeFile } from '../sandbox/crafted.ts';
import { Host, type Loose, NOW, rows } from './host.ts';

/** A sandbox with an account of our own, and the built server at work in it. */
class Bench {
  sandbox: Sandbox;
  readonly host: Host;
  readonly api: Api;
  readonly file: string;

  private constructor(file: string, sandbox: Sandbox, host: Host) {
    this.file = file;
    this.sandbox = sandbox;
    this.host = host;
    this.api = apiOf(sandbox);
  }

  static async start(fill: (world: World) => void): Promise<Bench> {
    const file = craftedFile(NOW, fill);
    const sandbox = await startSandbox({ file, now: new Date(NOW) });
    const env = { PIPEDRIVE_API_TOKEN: sandbox.token, PIPEDRIVE_BASE_URL: sandbox.url, PIPEDRIVE_PLAN: 'ultimate' };
    return new Bench(file, sandbox, await Host.start(['--toolsets', 'all'], env));
  }

  /** Someone changes the account in a way that the API has no operation for; the server knows nothing of it. */
  async changeBehindTheBack(edit: (text: string) => string): Promise<void> {
    await this.sandbox.close();
    editFile(this.file, edit);
    this.sandbox = await startSandbox({
      file: this.file,
      now: new Date(NOW),
      port: Number(new URL(this.sandbox.url).port),
    });
  }

  /** A new record, as the tool answers it. */
  async made(entity: string, args: Loose): Promise<Loose> {
    return (await this.host.ok(`create_${entity}`, args))[entity];
  }

  async raw(path: string): Promise<Loose> {
    return (await this.api.ok('GET', path)).data;
  }

  /** The custom fields of a deal as get_deal shows them. */
  async custom(id: number): Promise<Loose> {
    return (await this.host.ok('get_deal', { id }))['deal']['custom_fields'] ?? {};
  }

  async ids(tool: string, args: Loose): Promise<unknown[]> {
    return rows(await this.host.ok(tool, { fields: ['id'], ...args })).map(({ id }) => id);
  }

  async stop(): Promise<void> {
    await this.host.close();
    await this.sandbox.close();
    removeFile(this.file);
  }
}

const deal = (
  world: World,
  field_name: string,
  field_type: NewCustomField['field_type'] = 'varchar',
  more: string[] = [],
) =>
  insertCustomField(world, {
    entity: 'deal',
    field_name,
    field_type,
    ...(more.length > 0 ? { options: more.map((label) => ({ label })) } : {}),
  });

/** The custom field of deals by that name: several may have it. */
async function fieldsCalled(bench: Bench, name: string): Promise<Loose[]> {
  const all: Loose[] = (await bench.api.ok('GET', '/api/v2/dealFields?limit=500')).data;
  return all.filter((field) => field['is_custom_field'] && field['field_name'] === name);
}
const shownName = ({ field_name, field_code }: Loose) => `${field_name} (${String(field_code).slice(0, 6)})`;

const hardLabels = [
  'Событие: план > факт',
  'Источник',
  '线索来源',
  '预算（2026）',
  '🎉',
  '👩🏽‍🚀 Crew 🚀',
  'Größe × Höhe',
  'שלום',
  'Ratio: A/B',
  'Price > 50',
  'A = B',
  'A != B',
  'Source is empty',
  'Source',
  'contains',
  'is',
  'in',
  'not',
  'Due before noon',
  'Due',
  'Share (%)',
  'Code (a1b2c3)',
  'Comma, semi; and "quotes"',
  "l'âge d'or",
  '42',
  '2026-11-20',
  'null',
  'me',
  'constructor',
  'custom_fields',
];

describe('names that are hard to tell apart', () => {
  let bench: Bench;
  let host: Host;
  let annTwo: number;
  let gone: number;
  beforeAll(async () => {
    bench = await Bench.start((world) => {
      insertUser(world, 'Ann Lee', 'ann@varsa.example');
      annTwo = insertUser(world, 'ANN  LÉE', 'ann.two@varsa.example').id;
      gone = insertUser(world, 'Oliver Gone', 'gone@varsa.example', false).id;
      insertUser(world, 'Sam Back', 'sam.old@varsa.example', false);
      insertUser(world, 'Sam Back', 'sam@varsa.example');
      for (const label of hardLabels) deal(world, label);
      for (const label of ['Value', 'Title', 'Probability']) deal(world, label, 'double');
      for (const label of ['person_id', 'Person']) deal(world, label);
      deal(world, 'Twin', 'varchar');
      deal(world, 'twin', 'double');
      deal(world, 'Site', 'enum', [
        'Berlin, Germany',
        'Berlin',
        '2024',
        '10',
        'Yes > No',
        'Да',
        '是',
        '🎉 Party',
        'Berlin (2)',
      ]);
      deal(world, 'Sites', 'set', ['Berlin, Germany', 'Berlin', '2024', '10', 'Yes > No', 'Да', '是', '🎉 Party']);
      deal(world, 'Engineer', 'user');
    });
    host = bench.host;
    await bench.api.ok('POST', '/api/v2/pipelines', { name: 'Renewals' });
    await bench.api.ok('POST', '/api/v2/pipelines', { name: '1' });
    for (const pipeline_id of [1, 2]) await bench.api.ok('POST', '/api/v2/stages', { name: 'Twin', pipeline_id });
    for (const name of ['42', 'Same', 'Same']) await bench.api.ok('POST', '/api/v2/stages', { name, pipeline_id: 2 });
  });
  afterAll(() => bench.stop());

  const stagesCalled = async (name: string) => {
    const stages: Loose[] = (await bench.api.ok('GET', '/api/v2/stages')).data;
    return stages.filter((stage) => stage['name'] === name);
  };

  test('two stages of one name, with and without the pipeline', async () => {
    const [first, second] = (await stagesCalled('Twin')).map((stage) => stage['id']);
    const both = await host.fails('create_deal', { title: 'x', stage_id: 'twin' });
    expect(both).toContain(`Pipeline / Twin (id ${first}), Renewals / Twin (id ${second})`);
    for (const args of [
      { pipeline_id: 'Renewals', stage_id: 'twin' },
      { stage_id: 'renewals / TWIN' },
      { stage_id: second },
      { pipeline_id: 2, stage_id: 'Renewals / Twin' },
    ]) {
      const { id, stage } = await bench.made('deal', { title: 'x', ...args });
      expect(stage ?? 'Renewals / Twin').toBe('Renewals / Twin');
      expect(await bench.raw(`/api/v2/deals/${id}`)).toMatchObject({ stage_id: second, pipeline_id: 2 });
    }
    expect(await host.fails('list_deals', { stage_id: 'Twin' })).toContain('fits 2 entries');
    expect(await host.fails('list_deals', { where: ['stage = Twin'] })).toContain('fits 2 entries');
    expect(await bench.ids('list_deals', { where: ['stage = Renewals / Twin'] })).toHaveLength(4);
    expect(await bench.ids('list_deals', { where: ['stage = Twin'], pipeline_id: 'Renewals' })).toHaveLength(4);
    const inside = { where: ['stage = Twin', 'pipeline = Renewals'] };
    expect(await bench.ids('list_deals', inside)).toHaveLength(4);
    expect(await host.fails('list_deals', { where: ['stage = Twin', 'pipeline != Renewals'] })).toContain('fits 2');
    // In one pipeline only the id tells them apart.
    const same = await host.fails('create_deal', { title: 'x', pipeline_id: 'Renewals', stage_id: 'Same' });
    expect(same).toMatch(/Renewals \/ Same \(id \d+\), Renewals \/ Same \(id \d+\)/);
    const [, id] = /Same \(id (\d+)\)/.exec(same) ?? [];
    const shown = await bench.made('deal', { title: 'x', stage_id: `Renewals / Same (${id})` });
    expect((await host.ok('get_deal', { id: shown['id'] }))['deal']['stage']).toBe(`Renewals / Same (${id})`);
  });

  test('a stage that is called "42", a pipeline that is called "1"', async () => {
    const { id } = await bench.made('deal', { title: 'x', stage_id: '42' });
    const [stage = {}] = await stagesCalled('42');
    expect(await bench.raw(`/api/v2/deals/${id}`)).toMatchObject({ stage_id: stage['id'], pipeline_id: 2 });
    expect((await host.ok('get_deal', { id }))['deal']['stage']).toBe('Renewals / 42');
    expect(await bench.ids('list_deals', { stage_id: '42' })).toEqual([id]);
    expect(await bench.ids('list_deals', { where: ['stage is 42'] })).toEqual([id]);
    await host.fails('update_deal', { id, stage_id: 42 });
    expect(await host.fails('create_deal', { title: 'x', pipeline_id: '1' })).toContain('Pipeline (id 1), 1 (id 3)');
    const first = await bench.made('deal', { title: 'x', pipeline_id: 1 });
    expect(await bench.raw(`/api/v2/deals/${first['id']}`)).toMatchObject({ pipeline_id: 1 });
  });

  test("a field whose label is a built-in's, or a built-in's key, or a column's", async () => {
    const labels = ['Value', 'Title', 'Probability', 'person_id', 'Person'];
    const fields = await Promise.all(labels.map(async (label) => (await fieldsCalled(bench, label))[0] ?? {}));
    const [value = '', title = '', probability = '', key = '', column = ''] = fields.map(shownName);
    // Digits in brackets end the names of linked records; in a text field they are text.
    const custom_fields = { Value: 3, title: 4, PROBABILITY: 5, person_id: 'Nobody (1)', Person: 'some' };
    const { id } = await bench.made('deal', { title: 'Built in', value: 7, custom_fields });
    expect(await bench.raw(`/api/v2/deals/${id}`)).toMatchObject({ title: 'Built in', value: 7, person_id: null });
    const shown = { [value]: 3, [title]: 4, [probability]: 5, [key]: 'Nobody (1)', Person: 'some' };
    expect(await bench.custom(id)).toEqual(shown);
    await host.ok('update_deal', { id, custom_fields: { ...shown, [value]: 30 } });
    expect(await bench.custom(id)).toEqual({ ...shown, [value]: 30 });
    const [row] = rows(
      await host.ok('list_deals', { ids: [id], fields: ['value', value, title, 'title', key, column] }),
    );
    const cells = { value: '7 EUR', [value]: 30, title: 'Built in', [title]: 4, [key]: 'Nobody (1)', Person: 'some' };
    expect(row).toEqual({ id, ...cells });
    expect(await host.fails('list_deals', { ids: [id], fields: ['Value'] })).toContain(`Give value or ${value}`);
    for (const [ambiguous, ...meant] of [
      ['Value > 1', `${value} > 20`, 'amount > 5'],
      ['Person = some', `${column} = some`],
      ['person_id = Nobody (1)', `${key} = Nobody (1)`],
    ]) {
      const which = await host.fails('list_deals', { where: [ambiguous] });
      for (const where of meant) {
        expect(which).toContain(where.split(/ [>=]/)[0]);
        expect(await bench.ids('list_deals', { where: [where] }), where).toEqual([id]);
      }
    }
  });

  test('two custom fields of one label', async () => {
    const [text = {}, number = {}] = [...(await fieldsCalled(bench, 'Twin')), ...(await fieldsCalled(bench, 'twin'))];
    const error = await host.fails('create_deal', { title: 'x', custom_fields: { TWIN: 'a' } });
    for (const field of [text, number]) {
      expect(error).toContain(shownName(field));
      expect(error).toContain(field['field_code']);
    }
    const { id } = await bench.made('deal', {
      title: 'x',
      custom_fields: { [shownName(text)]: 'a', [number['field_code']]: 2 },
    });
    const shown = { [shownName(text)]: 'a', [shownName(number)]: 2 };
    expect(await bench.custom(id)).toEqual(shown);
    await host.ok('update_deal', { id, custom_fields: shown });
    expect(await bench.custom(id)).toEqual(shown);
    const [row] = rows(await host.ok('list_deals', { ids: [id], fields: Object.keys(shown) }));
    expect(row).toEqual({ id, ...shown });
    const twice = await host.fails('list_deals', { fields: ['Twin'] });
    const which = await host.fails('list_deals', { where: ['Twin = a'] });
    for (const name of Object.keys(shown)) {
      expect(twice).toContain(name);
      expect(which).toContain(name);
      expect(await bench.ids('list_deals', { where: [`${name} = ${shown[name]}`] })).toEqual([id]);
    }
    const once = { [shownName(text)]: 'a', [text['field_code']]: 'b' };
    expect(await host.fails('update_deal', { id, custom_fields: once })).toContain('are the same field');
  });

  describe('labels in other scripts, with emoji, a colon or an operator', () => {
    const values = Object.fromEntries(hardLabels.map((label, at) => [label, `v ${at} (1)`]));
    let full: number;
    beforeAll(async () => {
      full = (await bench.made('deal', { title: 'All of them', custom_fields: values }))['id'];
    });

    test('are written and read', async () => {
      const shown = Object.fromEntries(Object.entries(values).map(([label, value]) => [label, value]));
      expect(await bench.custom(full)).toEqual(shown);
      const person = await bench.made('person', { name: 'Someone' });
      const lead = await bench.made('lead', { title: 'x', person_id: person['id'], custom_fields: values });
      expect(lead['custom_fields']).toEqual(shown);
      expect((await host.ok('get_lead', { id: lead['id'] }))['lead']['custom_fields']).toEqual(shown);
    });

    test.each(hardLabels.map((label, at) => [label, at] as const))(
      '%s: as a column and in conditions',
      async (label, at) => {
        const [row] = rows(await host.ok('list_deals', { ids: [full], fields: [label] }));
        expect(row).toEqual({ id: full, [label]: `v ${at} (1)` });
        for (const name of [label, label.replaceAll('\u200D', ''), `"${label.replaceAll('"', '""')}"`]) {
          const where = [`${name} = v ${at} (1)`, `${name} is not empty`, `${name} contains V`];
          expect(await bench.ids('list_deals', { where }), name).toEqual([full]);
          expect(await bench.ids('list_deals', { where: [`${name} is empty`] }), name).not.toContain(full);
        }
        // What the answer says was applied is a condition as well.
        const { showing } = await host.ok('list_deals', { where: [`${label} contains V`] });
        const [, said = ''] = /only (?:status=\w+ and )?(.*?); by/.exec(showing) ?? [];
        expect(await bench.ids('list_deals', { where: [said] }), said).toEqual([full]);
      },
    );
  });

  test('options with commas, digits and operators', async () => {
    const site = (await fieldsCalled(bench, 'Site'))[0]?.['options'];
    const sites = (await fieldsCalled(bench, 'Sites'))[0]?.['options'];
    const all: string[] = sites.map((one: Loose) => one['label']);
    for (const { id: option, label } of site) {
      const { id } = await bench.made('deal', { title: label, custom_fields: { Site: label } });
      const { custom_fields } = await bench.raw(`/api/v2/deals/${id}`);
      expect(Object.values(custom_fields).filter((is) => is !== null)).toEqual([option]);
      expect(await bench.custom(id)).toEqual({ Site: label });
      expect(await bench.ids('list_deals', { where: [`Site = ${label}`] }), label).toEqual([id]);
      expect(await bench.ids('list_deals', { where: [`Site in ("${label}")`] }), label).toEqual([id]);
      await host.ok('update_deal', { id, custom_fields: { Site: null } });
    }
    const { id } = await bench.made('deal', { title: 'x', custom_fields: { Sites: all } });
    expect(new Set((await bench.custom(id))['Sites'])).toEqual(new Set(all));
    for (const label of all) {
      expect(await bench.ids('list_deals', { where: [`Sites contains ${label}`] }), label).toEqual([id]);
    }
    await host.ok('update_deal', { id, custom_fields: { Sites: 'Berlin, Germany' } });
    expect(await bench.custom(id)).toEqual({ Sites: ['Berlin, Germany'] });
    await host.ok('update_deal', { id, custom_fields: { Sites: 'Да, 是' } });
    expect(await bench.custom(id)).toEqual({ Sites: ['Да', '是'] });
    const unclear = await host.fails('update_deal', { id, custom_fields: { Sites: 'Berlin, Germany, 10' } });
    expect(unclear).toContain('is one option, with a comma');
  });

  test('two users of one name', async () => {
    const both = await host.fails('create_deal', { title: 'x', owner_id: 'ann lee' });
    expect(both).toContain(`Ann Lee (id ${annTwo - 1}), ANN  LÉE (id ${annTwo})`);
    expect(await host.fails('create_deal', { title: 'x', custom_fields: { Engineer: 'ann lee' } })).toContain('fits 2');
    for (const who of ['ann.two@varsa.example', annTwo, String(annTwo), `Ann Lee (${annTwo})`, 'ANN  LÉE']) {
      const { id } = await bench.made('deal', { title: 'x', owner_id: who, custom_fields: { Engineer: who } });
      const { owner, custom_fields } = (await host.ok('get_deal', { id }))['deal'];
      expect([owner, custom_fields['Engineer']]).toEqual(Array(2).fill(`ANN  LÉE (${annTwo})`));
      await host.ok('update_deal', { id, owner_id: owner, custom_fields });
      expect(await bench.raw(`/api/v2/deals/${id}`)).toMatchObject({ owner_id: annTwo });
    }
    expect(await bench.ids('list_deals', { where: ['owner = ann.two@varsa.example'] })).toHaveLength(5);
  });

  test('a deactivated user is found by name where nobody else has it, and cannot be given anything', async () => {
    expect(await bench.ids('list_deals', { owner_id: 'Oliver Gone' })).toEqual([]);
    expect(await bench.ids('list_deals', { where: ['owner = oliver gone'] })).toEqual([]);
    const refused = await host.fails('create_deal', { title: 'x', owner_id: 'Oliver Gone' });
    expect(refused).toContain('list_users');
    await host.fails('create_deal', { title: 'x', custom_fields: { Engineer: 'Oliver Gone' } });
    await host.fails('create_deal', { title: 'x', owner_id: gone });
    expect(await host.fails('create_deal', { title: 'x', owner_id: 'Oliver Gon' })).not.toContain('Oliver Gone');
    const { id } = await bench.made('deal', {
      title: 'x',
      owner_id: 'Sam Back',
      custom_fields: { Engineer: 'sam back' },
    });
    const { owner, custom_fields } = (await host.ok('get_deal', { id }))['deal'];
    expect(owner).toMatch(/^Sam Back( \(\d+\))?$/);
    await host.ok('update_deal', { id, owner_id: owner, custom_fields });
  });
});

describe('what others change while the server runs', () => {
  let bench: Bench;
  let host: Host;
  beforeAll(async () => {
    bench = await Bench.start((world) => {
      deal(world, 'Source', 'enum', ['Fair', 'Referral']);
      deal(world, 'Passing');
      deal(world, 'Staying');
    });
    host = bench.host;
  });
  afterAll(() => bench.stop());

  test('an option that was renamed a minute ago', async () => {
    const { id } = await bench.made('deal', { title: 'x', custom_fields: { Source: 'Fair' } });
    await bench.changeBehindTheBack((text) => text.replace('"label":"Fair"', '"label":"Messe Köln"'));
    await host.ok('update_deal', { id, custom_fields: { Source: 'messe koln' } });
    expect(await bench.custom(id)).toEqual({ Source: 'Messe Köln' });
    const old = await host.fails('update_deal', { id, custom_fields: { Source: 'Fair' } });
    expect(old).toContain('Messe Köln, Referral');
    await bench.changeBehindTheBack((text) => text.replace('"label":"Messe Köln"', '"label":"Expo"'));
    expect(await bench.ids('list_deals', { where: ['Source is Expo'] })).toEqual([id]);
  });

  test('a field that was renamed, and one that was deleted', async () => {
    const person_id = (await bench.made('person', { name: 'x' }))['id'];
    const lead = await bench.made('lead', { title: 'x', person_id, custom_fields: { Passing: 'a' } });
    const { id } = await bench.made('deal', { title: 'x', custom_fields: { Passing: 'a', Staying: 'a' } });
    await bench.changeBehindTheBack((text) => text.replace('"field_name":"Staying"', '"field_name":"Здесь"'));
    await host.ok('update_deal', { id, custom_fields: { здесь: 'b' } });
    expect(await bench.custom(id)).toEqual({ Passing: 'a', Здесь: 'b' });
    await host.ok('get_lead', { id: lead['id'] });

    await bench.changeBehindTheBack((text) => {
      const content = JSON.parse(text);
      for (const field of content.tables.fields.rows) if (field.field_name === 'Passing') field.active_flag = false;
      return JSON.stringify(content);
    });
    const ignored = await host.ok('update_lead', { id: lead['id'], title: 'y', custom_fields: { Passing: 'b' } });
    expect(ignored['not_written']).toEqual(['Passing']);
    await host.fails('update_deal', { id, custom_fields: { Passing: 'b' } });
    const now = await host.fails('update_deal', { id, custom_fields: { Passing: 'b' } });
    expect(now).toContain('there is no field');
    expect(now).toContain('Здесь');
    expect(await bench.custom(id)).toEqual({ Здесь: 'b' });
  });
});

describe('300 custom fields with 10,000 options', () => {
  const labels = Array.from({ length: 300 }, (_, at) => `Custom field number ${at + 1}`);
  const isChoice = (at: number) => at % 3 === 0;
  const optionsOf = (at: number) => Array.from({ length: at === 0 ? 5050 : 50 }, (_, one) => `Option ${at}.${one}`);
  let bench: Bench;
  let host: Host;
  beforeAll(async () => {
    bench = await Bench.start((world) => {
      for (const [at, label] of labels.entries()) {
        if (isChoice(at)) deal(world, label, at % 2 === 0 ? 'enum' : 'set', optionsOf(at));
        else deal(world, label, at % 3 === 1 ? 'varchar' : 'double');
      }
    });
    host = bench.host;
  });
  afterAll(() => bench.stop());

  test('list_fields goes on by its cursor and shows every field once', async () => {
    const fields: Loose[] = (await bench.api.ok('GET', '/api/v2/dealFields?limit=500')).data;
    const custom = fields.filter((field) => field['is_custom_field']);
    expect(custom).toHaveLength(300);
    expect(custom.flatMap((field) => field['options'] ?? [])).toHaveLength(10_000);
    const seen: unknown[] = [];
    let args: Loose = { entity: 'deal' };
    let parts = 0;
    for (let next: unknown = ''; next !== undefined; parts += 1) {
      const { structure, text, isError } = await host.call('list_fields', args);
      expect(isError).toBe(false);
      expect(text.length).toBeLessThanOrEqual(40_000);
      expect(structure).not.toHaveProperty('cut');
      seen.push(...rows(structure).map((row) => row['field_code']));
      next = structure['next_cursor'];
      args = { entity: 'deal', cursor: next };
    }
    expect(seen).toEqual(fields.map((field) => field['field_code']));
    expect(parts).toBeLessThan(30);
  });

  test('a field with 5,050 options, and the resource of all fields, stay under the limit', async () => {
    const [first = {}] = await fieldsCalled(bench, labels[0] ?? '');
    const { text, structure } = await host.call('get_field', { entity: 'deal', field_code: first['field_code'] });
    expect(text.length).toBeLessThanOrEqual(40_000);
    expect(structure).not.toHaveProperty('cut');
    expect(structure['options_left']).toMatch(/^\d+ of 5050: call again with option_offset \d+$/);
    const { contents } = await host.client.readResource({ uri: 'pipedrive://fields/deal' });
    const [part] = contents;
    expect(String(part && 'text' in part ? part.text : '').length).toBeLessThanOrEqual(40_000);
  });

  test('a deal with 40 of them set', async () => {
    const value = (at: number, turn: number) => {
      if (!isChoice(at)) return at % 3 === 1 ? `text ${turn}` : at + turn / 2;
      const option = `Option ${at}.${at % 50}`;
      return at % 2 === 0 ? option : [option, `Option ${at}.${(at + 1) % 50}`];
    };
    const chosen = (turn: number): Loose => {
      const some = labels.map((label, at): [string, unknown] => [label, value(at, turn)]);
      return Object.fromEntries(some.filter((_, at) => at % 7 === turn % 7).slice(0, 40));
    };
    const sorted = (values: Loose) =>
      JSON.parse(JSON.stringify(values, (_, is) => (Array.isArray(is) ? is.sort() : is)));
    const { id, custom_fields: made } = await bench.made('deal', { title: 'x', custom_fields: chosen(0) });
    expect(Object.keys(chosen(0))).toHaveLength(40);
    expect(sorted(made)).toEqual(sorted(chosen(0)));
    expect(sorted(await bench.custom(id))).toEqual(sorted(chosen(0)));
    await host.ok('update_deal', { id, custom_fields: chosen(7) });
    expect(sorted(await bench.custom(id))).toEqual(sorted(chosen(7)));
    const label = 'Custom field number 1';
    await host.ok('update_deal', { id, custom_fields: { [label]: 'option 0.5049' } });
    expect(await bench.ids('list_deals', { where: [`${label} = Option 0.5049`] })).toEqual([id]);
  });

  test('errors list a few and say how many more there are', async () => {
    const custom = (custom_fields: Loose) => host.fails('create_deal', { title: 'x', custom_fields });
    const option = await custom({ 'Custom field number 1': 'Nothing like it' });
    expect(option).toContain('Option 0.0, Option 0.1');
    expect(option).toContain('and 5030 more');
    const field = await custom({ 'Nothing like it': 1 });
    expect(field).toContain('and 280 more');
    for (const args of [{ where: ['Nothing like it = 1'] }, { fields: ['Nothing like it'] }]) {
      const said = await host.fails('list_deals', args);
      expect(said.length).toBeLessThan(4_000);
      expect(said).toMatch(/\d more/);
    }
    for (const said of [option, field]) expect(said.length).toBeLessThan(2_000);
  });
});
