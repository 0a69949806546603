import type { ApiRequest, Method } from '../pipedrive/client.ts';
import { isObject, type Json } from '../pipedrive/json.ts';

/** What of the API undoing must know: made from the catalogue, which this room does not import. */
export type Api = {
  /** What a call costs; undefined where the API has no such operation. */
  cost(method: Method, path: string): number | undefined;
  /** The keys that the body of POST on this path takes; undefined where there is none, or it takes a file. */
  inputKeys(path: string): ReadonlySet<string> | undefined;
  /** Is the body sent as a form? */
  isForm(method: Method, path: string): boolean;
};

export type Id = string | number;

/** A request that the API has; undefined where it has not. */
export function requestOf(api: Api, method: Method, path: string, more: Partial<ApiRequest> = {}) {
  const cost = api.cost(method, path);
  if (cost === undefined) return undefined;
  const request: ApiRequest = { method, path, cost, ...more };
  return api.isForm(method, path) ? { ...request, form: true } : request;
}

/** The segments after `/api/v2/`, decoded. */
export function segments(path: string): string[] {
  return path.split('/').slice(3).map(decodeURIComponent);
}

/** `deals/products` of `/api/v2/deals/5/products` and of `/api/v1/deals/5/products/9`: v1 and v2 speak of the same records. */
export function kindOf(path: string): string {
  return segments(path)
    .filter((_, index) => index % 2 === 0)
    .join('/');
}

/** What a write is about: a copy of a deal is a deal. */
export function aboutKind(path: string): string {
  return kindOf(path).replace(/\/duplicate$/, '');
}

/** The id at the end of a record's path; undefined for the path of a collection. */
export function lastId(path: string): string | undefined {
  const parts = segments(path);
  return parts.length % 2 === 0 ? parts.at(-1) : undefined;
}

/** The path of the collection that a record's path is in. */
export function collectionOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

/** The key that a record of this kind is known by in its path. */
export function idKey(kind: string): string {
  if (kind.endsWith('Fields')) return 'field_code';
  if (kind.endsWith('/followers')) return 'user_id';
  return kind.endsWith('/comments') ? 'uuid' : 'id';
}

/** The id of a record as an answer shows it. */
export function idIn(kind: string, record: Json | undefined): Id | undefined {
  if (!isObject(record)) return undefined;
  const id = record[idKey(kind)];
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}

/** What a body's or a record's key points to. */
export const pointers: Readonly<Record<string, string>> = {
  deal_id: 'deals',
  deal_ids: 'deals',
  lead_id: 'leads',
  person_id: 'persons',
  person_ids: 'persons',
  org_id: 'organizations',
  org_ids: 'organizations',
  organization_id: 'organizations',
  rel_owner_org_id: 'organizations',
  rel_linked_org_id: 'organizations',
  product_id: 'products',
  product_variation_id: 'products/variations',
  project_id: 'projects',
  task_id: 'tasks',
  parent_task_id: 'tasks',
  board_id: 'boards',
  phase_id: 'phases',
  pipeline_id: 'pipelines',
  stage_id: 'stages',
};

const fieldsOf: Readonly<Record<string, string>> = {
  deals: 'dealFields',
  leads: 'dealFields',
  persons: 'personFields',
  organizations: 'organizationFields',
  products: 'productFields',
  projects: 'projectFields',
};

/** The kind of the fields that records of a kind have; leads have those of deals. */
export function fieldKind(kind: string): string {
  return fieldsOf[kind] ?? '';
}

/** A custom field's key in a v1 record: its code, and the part of the value where it has parts. */
export function flatCode(key: string): string | undefined {
  return /^[0-9a-f]{40}(?=_|$)/.exec(key)?.[0];
}
