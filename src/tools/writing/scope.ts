import type { Operation } from '../../catalog/operation.ts';

/** What a scope pins: records of one owner, deals of one pipeline, or both. Values are ids or names. */
export type Scope = { readonly owner?: string | undefined; readonly pipeline?: string | undefined };
export type Pinned = keyof Scope;

/** How one tool keeps within a scope. */
export type Scoping = {
  /** Arguments that disappear from its schema: those that the scope fills in, and those that lead out of it. */
  readonly drops: readonly string[];
  /** The argument that is filled with what is pinned. */
  readonly fills?: string;
  /** Arguments that name records, each with its kind: they must lie within. */
  readonly checks: Readonly<Record<string, ScopedKind>>;
};

/** Records that have an owner; of these only deals are in a pipeline. */
const paths = {
  deal: '/api/v2/deals',
  person: '/api/v2/persons',
  organization: '/api/v2/organizations',
  lead: '/api/v1/leads',
  activity: '/api/v2/activities',
  product: '/api/v2/products',
  project: '/api/v2/projects',
} as const;
export type ScopedKind = keyof typeof paths;

export function pathOf(kind: ScopedKind, id: string): string {
  return `${paths[kind]}/${encodeURIComponent(id)}`;
}

/** The key of a record that says whether it lies within. */
export const keys = { owner: 'owner_id', pipeline: 'pipeline_id' } as const satisfies Record<Pinned, string>;

/** Arguments that name records; each may also come as a list, as `deal_ids` or `add_deal_ids`. */
const named: Readonly<Record<string, ScopedKind>> = {
  deal_id: 'deal',
  person_id: 'person',
  org_id: 'organization',
  organization_id: 'organization',
  lead_id: 'lead',
  product_id: 'product',
  project_id: 'project',
  activity_id: 'activity',
};

/** The kind of record that an argument, or a key of one's entries, names. */
export function kindNamed(argument: string): ScopedKind | undefined {
  return named[argument.replace(/^add_/, '').replace(/_ids$/, '_id')];
}

/** What everybody may know of the account: it is nobody's. */
const SHARED = new Set([
  'field',
  'pipeline',
  'stage',
  'user',
  'currency',
  'activity_type',
  'lead_label',
  'lead_source',
  'limits',
  'project_board',
  'project_phase',
  'project_template',
]);

/** How a tool keeps within what is pinned; undefined where it cannot, so that it is not listed. */
export function scopingOf(operation: Operation, pinned: Pinned): Scoping | undefined {
  const { entity, kind, input, name } = operation;
  const has = (argument: string) => argument in input.shape;
  if (kind === 'read' && SHARED.has(entity.name) && !name.includes('follower')) return { drops: [], checks: {} };
  const isScoped = (one: string): one is ScopedKind => (pinned === 'owner' ? one in paths : one === 'deal');
  const own = isScoped(entity.name) ? entity.name : undefined;
  const checks: Record<string, ScopedKind> = {};
  for (const argument of ['id', 'merge_with_id']) if (own && has(argument)) checks[argument] = own;
  for (const argument of Object.keys(input.shape)) {
    const one = kindNamed(argument);
    if (one && isScoped(one)) checks[argument] = one;
  }
  const argument = fillable(operation, pinned, own);
  // A saved filter takes the place of every other, the scope among them.
  const drops = [...(argument ? [argument] : []), ...(has('filter_id') ? ['filter_id'] : [])];
  if (argument !== undefined && kind !== 'update') return { drops, fills: argument, checks };
  // A list of such records below another one, as the deals of a product, holds those of others.
  if (kind === 'read' && own && !has('id')) return undefined;
  // By an optional link alone nothing would be kept in: a list without it is a list of everything.
  const isBound = Object.keys(checks).some((one) => input.shape[one]?.isOptional() === false);
  return isBound && !operation.search ? { drops, checks } : undefined;
}

function fillable({ input, toolset }: Operation, pinned: Pinned, own: ScopedKind | undefined): string | undefined {
  const candidates = pinned === 'owner' ? ['owner_id', ...(toolset === 'reports' ? ['user_id'] : [])] : ['pipeline_id'];
  return candidates.find((argument) => argument in input.shape && (own !== undefined || toolset === 'reports'));
}
