import type { ApiRequest, CallOptions, Client } from '../pipedrive/client.ts';
import { isObject, type JsonObject } from '../pipedrive/json.ts';
import { AccountSource } from './account.ts';
import { type DescribedEntity, described, Fields, readField } from './fields.ts';
import { Kept } from './kept.ts';
import { type Entry, Names } from './names.ts';
import { LinkedRecords } from './records.ts';

export const nameKinds = [
  'user',
  'pipeline',
  'stage',
  'activity_type',
  'lead_label',
  'lead_source',
  'currency',
  'filter',
  'project_board',
  'project_phase',
  'project_template',
  'role',
  'team',
  'permission_set',
] as const;
export type NameKind = (typeof nameKinds)[number];

type Source = { readonly path: `/api/${string}`; readonly cost: number; readonly entry: (row: JsonObject) => Entry };

const text = (value: unknown): string => (typeof value === 'string' ? value : String(value ?? ''));
const idOf = (row: JsonObject): number | string => (typeof row['id'] === 'number' ? row['id'] : text(row['id']));

/** What is named within something else, so that it takes both lists. */
const within: Readonly<Partial<Record<NameKind, { readonly kind: NameKind; readonly key: string }>>> = {
  stage: { kind: 'pipeline', key: 'pipeline_id' },
  project_phase: { kind: 'project_board', key: 'board_id' },
};

/** Where each kind of name is listed. */
const sources: Readonly<Record<NameKind, Source>> = {
  user: {
    path: '/api/v1/users',
    cost: 20,
    entry: (row) => ({
      id: idOf(row),
      name: text(row['name']),
      also: [text(row['email'])],
      retired: row['active_flag'] === false,
    }),
  },
  pipeline: { path: '/api/v2/pipelines', cost: 5, entry: (row) => ({ id: idOf(row), name: text(row['name']) }) },
  stage: {
    path: '/api/v2/stages',
    cost: 5,
    entry: ({ days_to_rotten: days, ...row }) => ({
      id: idOf(row),
      name: text(row['name']),
      ...(row['is_deal_rot_enabled'] === true && typeof days === 'number' ? { rotsAfter: days } : {}),
    }),
  },
  activity_type: {
    path: '/api/v1/activityTypes',
    cost: 20,
    entry: (row) => ({
      id: text(row['key_string']),
      name: text(row['name']),
      number: Number(row['id']),
      retired: row['active_flag'] === false,
    }),
  },
  lead_label: { path: '/api/v1/leadLabels', cost: 10, entry: (row) => ({ id: idOf(row), name: text(row['name']) }) },
  lead_source: {
    path: '/api/v1/leadSources',
    cost: 2,
    entry: (row) => ({ id: text(row['name']), name: text(row['name']) }),
  },
  currency: {
    path: '/api/v1/currencies',
    cost: 20,
    entry: (row) => ({
      id: text(row['code']),
      name: text(row['name']),
      number: Number(row['id']),
      also: [text(row['code']), text(row['symbol'])],
      retired: row['active_flag'] === false,
    }),
  },
  role: { path: '/api/v1/roles', cost: 20, entry: (row) => ({ id: idOf(row), name: text(row['name']) }) },
  team: { path: '/api/v1/legacyTeams', cost: 20, entry: (row) => ({ id: idOf(row), name: text(row['name']) }) },
  permission_set: {
    path: '/api/v1/permissionSets',
    cost: 20,
    entry: (row) => ({ id: idOf(row), name: text(row['name']) }),
  },
  filter: {
    path: '/api/v1/filters',
    cost: 20,
    entry: (row) => ({ id: idOf(row), name: text(row['name']), of: text(row['type']) }),
  },
  project_board: { path: '/api/v2/boards', cost: 10, entry: (row) => ({ id: idOf(row), name: text(row['name']) }) },
  project_phase: { path: '/api/v2/phases', cost: 10, entry: (row) => ({ id: idOf(row), name: text(row['name']) }) },
  project_template: {
    path: '/api/v2/projectTemplates',
    cost: 10,
    entry: (row) => ({ id: idOf(row), name: text(row['title']) }),
  },
};

/** Lists of v2 that come whole. */
const unpaged = ['/api/v2/boards', '/api/v2/phases'];

const fieldSources: Readonly<
  Record<DescribedEntity, Pick<Source, 'path' | 'cost'> & { readonly query?: ApiRequest['query'] }>
> = {
  deal: { path: '/api/v2/dealFields', cost: 10, query: { include_fields: 'important_fields,required_fields' } },
  person: { path: '/api/v2/personFields', cost: 10, query: { include_fields: 'important_fields,required_fields' } },
  organization: {
    path: '/api/v2/organizationFields',
    cost: 10,
    query: { include_fields: 'important_fields,required_fields' },
  },
  product: { path: '/api/v2/productFields', cost: 10 },
  activity: { path: '/api/v2/activityFields', cost: 10 },
  lead: { path: '/api/v1/leadFields', cost: 20 },
  note: { path: '/api/v1/noteFields', cost: 20 },
  project: { path: '/api/v2/projectFields', cost: 10 },
};

/** Kinds of thing that are the options of a field as well. */
const optionsOf: Readonly<Record<string, DescribedEntity>> = { activity_type: 'activity', lead_label: 'lead' };

/** The names of one account, each kind loaded when first needed. One object an account: nothing here is shared. */
export class Vocabulary {
  readonly account: AccountSource;
  readonly linked: LinkedRecords;
  readonly #client: Client;
  readonly #names = new Map<NameKind, Kept<Names>>();
  readonly #fields = new Map<DescribedEntity, Kept<Fields>>();

  constructor(client: Client) {
    this.#client = client;
    this.account = new AccountSource(client);
    this.linked = new LinkedRecords(client);
    for (const kind of nameKinds) this.#names.set(kind, new Kept((options) => this.#loadNames(kind, options)));
    for (const entity of described) this.#fields.set(entity, new Kept((options) => this.#loadFields(entity, options)));
  }

  names(kind: NameKind): Kept<Names> {
    const kept = this.#names.get(kind);
    if (!kept) throw new Error(`no names of ${kind}`);
    return kept;
  }

  fields(entity: DescribedEntity): Kept<Fields> {
    const kept = this.#fields.get(entity);
    if (!kept) throw new Error(`no fields of ${entity}`);
    return kept;
  }

  /** A text with the labels of fields in the place of their codes, where they were ever loaded. */
  withLabels(text: string): string {
    return text.replaceAll(/[0-9a-f]{40}/g, (code) => {
      const found = [...this.#fields.values()]
        .map((kept) => kept.last?.byCode(code))
        .find((field) => field !== undefined);
      return found?.label ?? code;
    });
  }

  /** How old the names in memory are, in seconds, by kind. */
  ages(): Record<string, number> {
    const kept = [
      ...this.#names,
      ...[...this.#fields].map(([entity, fields]) => [`${entity} fields`, fields] as const),
    ];
    return Object.fromEntries(
      kept.flatMap(([kind, { loadedAt }]) =>
        loadedAt === undefined ? [] : [[kind, Math.round((Date.now() - loadedAt) / 1000)]],
      ),
    );
  }

  /** A write of this kind of thing begins or has ended: what was kept of it no longer holds. */
  touched(kind: string): void {
    for (const name of nameKinds) if (name === kind || within[name]?.kind === kind) this.names(name).forget();
    this.linked.touched(kind);
    for (const entity of described) if (kind === 'field' || optionsOf[kind] === entity) this.fields(entity).forget();
  }

  async #loadNames(kind: NameKind, options: CallOptions): Promise<Names> {
    const { path, cost, entry } = sources[kind];
    const outer = within[kind];
    const parents = outer && this.names(outer.kind).get(options);
    const [rows, around] = await Promise.all([
      // Phases are listed board by board.
      kind === 'project_phase' && outer && parents
        ? parents.then(async ({ entries }) => {
            const lists = entries.map(({ id }) => this.#rows(path, cost, { [outer.key]: id }, options));
            return (await Promise.all(lists)).flat();
          })
        : this.#rows(path, cost, {}, options),
      parents,
    ]);
    return new Names(
      rows.map((row) => {
        const parent = outer && around?.byId(Number(row[outer.key]));
        return parent ? { ...entry(row), within: { id: Number(parent.id), name: parent.name } } : entry(row);
      }),
    );
  }

  async #loadFields(entity: DescribedEntity, options: CallOptions): Promise<Fields> {
    const { path, cost, query } = fieldSources[entity];
    return new Fields((await this.#rows(path, cost, { ...query }, options)).map(readField));
  }

  /** Every record of a list. 500 a page where the list is paged; where it isn't, Pipedrive declares no limit. */
  async #rows(
    path: string,
    cost: number,
    query: NonNullable<ApiRequest['query']>,
    options: CallOptions,
  ): Promise<JsonObject[]> {
    const paged = (path.startsWith('/api/v2/') && !unpaged.includes(path)) || path.endsWith('/leadFields');
    const rows: JsonObject[] = [];
    const request: ApiRequest = { method: 'GET', path, cost, query: paged ? { ...query, limit: 500 } : query };
    for await (const { data } of this.#client.pages(request, options))
      if (Array.isArray(data)) rows.push(...data.filter(isObject));
    return rows;
  }
}
