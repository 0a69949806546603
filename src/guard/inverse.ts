import type { ApiRequest } from '../pipedrive/client.ts';
import { isObject, type Json, type JsonObject } from '../pipedrive/json.ts';
import type { Entry } from './journal.ts';
import { type Api, collectionOf, flatCode, idIn, kindOf, lastId, requestOf, segments } from './places.ts';

export type Inverse =
  | {
      readonly is: 'possible';
      readonly request: ApiRequest;
      /** What does not come back with it. */
      readonly lost: readonly string[];
      /** What the new record is given in a second request, since a create does not take it. */
      readonly then?: JsonObject;
    }
  | { readonly is: 'impossible'; readonly why: string };

/** What an answer calls by another name than a body does. */
const readAs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  tasks: { done: 'is_done', milestone: 'is_milestone' },
};

/** Keys that the API has no way to empty ("Known limitations" of v2's bodies: no null, no empty text). */
const neverEmpty: Readonly<Record<string, readonly string[]>> = {
  deals: ['expected_close_date', 'value', 'won_time', 'lost_time'],
  products: ['category', 'tax'],
};

/** Keys that change with another: they go back together. */
const together: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  deals: {
    stage_id: ['pipeline_id'],
    pipeline_id: ['stage_id'],
    status: ['lost_reason', 'won_time', 'lost_time', 'close_time'],
    won_time: ['close_time'],
    lost_time: ['close_time'],
  },
  activities: {
    deal_id: ['lead_id', 'project_id'],
    lead_id: ['deal_id', 'project_id'],
    project_id: ['deal_id', 'lead_id'],
  },
  notes: {
    deal_id: ['pinned_to_deal_flag'],
    person_id: ['pinned_to_person_flag'],
    org_id: ['pinned_to_organization_flag'],
    lead_id: ['pinned_to_lead_flag'],
    project_id: ['pinned_to_project_flag'],
  },
  products: {
    billing_frequency: ['billing_frequency_cycles'],
    billing_frequency_cycles: ['billing_frequency'],
  },
  'deals/products': {
    billing_frequency: ['billing_frequency_cycles'],
    billing_frequency_cycles: ['billing_frequency'],
  },
};

/** What a record that is made anew does not bring back, beside its id and history. */
const leftBehind: Readonly<Record<string, string>> = {
  deals: 'followers, products, discounts, installments, files and mails of the old deal',
  persons:
    'followers, files, mails and picture; archived deals and leads, activities that it was a further participant of, and custom fields keep the old one',
  organizations:
    'followers, relationships, files and mails; archived deals and leads, and custom fields keep the old one',
  leads: 'files and mails of the old lead',
  products: 'followers, variations and images; deals keep the old one',
  notes: 'its comments',
  activities: 'attendees',
  projects: 'plan, files and archive state',
  pipelines: 'its stages',
  activityTypes: 'its key_string: activities keep the old one',
  leadLabels: 'label_ids of the leads that had it',
  boards: 'its place in the order',
  phases: 'its place in the order',
  stages: 'its place in the order',
  'deals/products': 'its place in the order',
  webhooks: 'http_auth_password',
  tasks: 'its subtasks',
};

/** A deal's value is the sum of its products once it has any. */
const VALUE = "value of the deal, where it was set by hand: it follows the deal's products";
const SECRET = '[secret]';
/** What Pipedrive works out itself, from other keys, records or the moment. */
const FOLLOWS =
  /^id$|^uuid$|_time$|_count$|_code$|^(next|last)_|^local_|creator|^is_(deleted|custom_field|optional_response_field|writable)$|^(active_flag|company_id|origin|source_name|cc_email|sum|subfields|pipeline_id|first_name|last_name|acv|arr|mrr|currency|done|milestone|key_string|formatted_address)$|^(deal|person|organization|project|task|user)$/;

/**
 * What takes a write back: the old values, the end of what was made, or a new record in the place of one that was deleted;
 * or why there is nothing. The entry is read as it stands, so its ids must be those of today.
 */
export function inverse(entry: Entry, api: Api): Inverse {
  const { method, path } = entry;
  const never = noWayBack(path);
  if (never !== undefined) return impossible(never);
  const found = kindOf(path).endsWith('Fields/options') ? optionsBack(entry, api) : undefined;
  if (found) return found;
  if (method === 'POST') return removal(entry, api);
  return method === 'DELETE' ? creation(entry, api) : restoration(entry, api);
}

/** Why what a path does is for good, whatever it is done to; undefined where it may be taken back. */
export function noWayBack(path: string): string | undefined {
  if (/\/merge$/.test(path)) return 'Pipedrive merges for good: the record that was merged is gone.';
  if (/\/convert\//.test(path)) return 'A conversion can only be made the other way round, by its own tool.';
  if (/\/archive$/.test(path)) return 'The API has no way back from the archive of projects.';
  return undefined;
}

/** The keys that a write touched, with those that change along. */
export function touchedKeys({ path, body }: Pick<Entry, 'path' | 'body'>): string[] {
  const along = together[kindOf(path)] ?? {};
  const keys = isObject(body) ? Object.keys(body) : [];
  return [...new Set(keys.flatMap((key) => [key, ...(along[key] ?? [])]))];
}

/** The key under which a record shows what a body sets. */
export function shownAs(kind: string, key: string): string {
  return readAs[kind]?.[key] ?? key;
}

function impossible(why: string): Inverse {
  return { is: 'impossible', why };
}

function possible(request: ApiRequest | undefined, lost: readonly string[], then?: JsonObject): Inverse {
  if (!request) return impossible('The API has no operation for that.');
  return { is: 'possible', request, lost, ...(then && Object.keys(then).length > 0 ? { then } : {}) };
}

function restoration(entry: Entry, api: Api): Inverse {
  const { method, path, before, body } = entry;
  if (!before) return impossible('The record as it was could not be read, so its old values are not known.');
  const kind = kindOf(path);
  const lost: string[] = [];
  const values: JsonObject = {};
  for (const key of touchedKeys(entry)) {
    const old = before[shownAs(kind, key)];
    const code = flatCode(key);
    if (key === 'custom_fields') values[key] = customBack(isObject(body) ? body[key] : null, old);
    else if (code !== undefined) Object.assign(values, flatBack(code, before));
    else if (old === undefined || old === SECRET) lost.push(key);
    else if (old === null && neverEmpty[kind]?.includes(key)) {
      if (isObject(body) && key in body) lost.push(`${key}: it was empty, and the API does not empty it`);
    } else values[key] = asGiven(entry, key, old);
  }
  if (kind === 'deals') placeAndClose(values, before);
  if (Object.keys(values).length === 0) return impossible(`The API does not give back ${lost.join(', ')}.`);
  if (kind === 'deals/products') lost.push(VALUE);
  return possible(requestOf(api, method, path, { body: values }), lost);
}

/** The stage decides the pipeline; what a status brings along is only taken in that status. */
function placeAndClose(values: JsonObject, before: JsonObject): void {
  if (values['stage_id'] !== undefined) delete values['pipeline_id'];
  const status = before['status'];
  const fits: Readonly<Record<string, boolean>> = {
    lost_reason: status === 'lost' || values['status'] === undefined,
    won_time: status === 'won',
    lost_time: status === 'lost',
    close_time: status !== 'open',
  };
  for (const [key, isFit] of Object.entries(fits)) if (!isFit) delete values[key];
}

/** v2's custom fields that a body set, as they were: null where they had no value. */
function customBack(set: Json | undefined, old: Json | undefined): JsonObject {
  const was = isObject(old) ? old : {};
  return Object.fromEntries(
    Object.keys(isObject(set) ? set : {}).map((code) => [code, withoutNulls(was[code] ?? null)]),
  );
}

/** A v1 custom field with all its parts; unset ones are not shown. */
function flatBack(code: string, before: JsonObject): JsonObject {
  const parts = Object.entries(before).filter(([key, value]) => flatCode(key) === code && value !== null);
  return parts.length > 0 ? Object.fromEntries(parts) : { [code]: null };
}

function removal(entry: Entry, api: Api): Inverse {
  const { path, after } = entry;
  const base = path.replace(/\/(duplicate|bulk)$/, (verb) => (verb === '/duplicate' ? '/' : ''));
  if (/\/bulk$/.test(path)) {
    const ids = (Array.isArray(after) ? after : []).flatMap((row) => idIn(kindOf(base), row) ?? []);
    if (ids.length === 0) return impossible('The answer did not say what was made.');
    return possible(requestOf(api, 'DELETE', base, { query: { ids: ids.join(',') } }), [VALUE]);
  }
  if (/\/picture$/.test(path)) return possible(requestOf(api, 'DELETE', path), ['the picture that was there before']);
  const home = base.endsWith('/') ? base.slice(0, base.lastIndexOf('/', base.length - 2)) : base;
  const id = idIn(kindOf(home), after);
  if (id === undefined) return impossible('The answer did not say what was made.');
  const name = encodeURIComponent(String(id));
  const own = requestOf(api, 'DELETE', `${home}/${name}`);
  // What v1 duplicates, v2 deletes.
  const request = own ?? requestOf(api, 'DELETE', `${home.replace('/v1/', '/v2/')}/${name}`);
  return possible(request, kindOf(home) === 'deals/products' ? [VALUE] : []);
}

/** A new record with what the old one had, as far as a create takes it. */
function creation(entry: Entry, api: Api): Inverse {
  const { path, before, body } = entry;
  if (isObject(body) && lastId(path) === undefined) {
    return possible(requestOf(api, 'POST', path, { body }), []);
  }
  if (/\/picture$/.test(path)) return impossible('The picture is gone: the journal keeps no files.');
  if (kindOf(path).endsWith('/followers')) {
    const user = Number(lastId(path));
    return possible(requestOf(api, 'POST', collectionOf(path), { body: { user_id: user } }), []);
  }
  if (!before) return impossible('The record as it was could not be read, so it cannot be made anew.');
  if (lastId(path) === undefined) return linesBack(entry, before, api);
  const home = collectionOf(path);
  const kind = kindOf(home);
  const keys = api.inputKeys(home);
  if (!keys) return impossible('The API has no way to make such a record anew.');
  const made: JsonObject = {};
  for (const [key, value] of Object.entries(before)) {
    if (keys.has(key) || flatCode(key) !== undefined) take(made, entry, key, value);
  }
  for (const key of keys) {
    const shown = shownAs(kind, key);
    if (shown !== key && before[shown] !== undefined) take(made, entry, key, before[shown] ?? null);
  }
  if (kind.endsWith('Fields')) optionLabels(made);
  if (made['stage_id'] !== undefined) delete made[kind === 'deals' ? 'pipeline_id' : ''];
  // A lead is archived only once it is there.
  const then = kind === 'leads' && before['is_archived'] === true ? { is_archived: true } : undefined;
  const lost = [`id: it has a new one${keys.has('add_time') ? '' : ', and a new time of creation'}`];
  const left = Object.keys(before).filter((key) => !(key in made) && !FOLLOWS.test(key) && isSet(before[key]));
  const untold = left.filter(
    (key) => !keys.has(key) && flatCode(key) === undefined && !(key === 'is_archived' && then),
  );
  if (untold.length > 0) lost.push(untold.join(', '));
  if (kind.endsWith('Fields')) lost.push('the values that records had in this field');
  const more = leftBehind[kind];
  if (more !== undefined) lost.push(more);
  if (kind === 'deals/products') lost.push(VALUE);
  if (kind === 'deals/participants') lost.push('person_id of the deal, where the participant was its contact person');
  return possible(requestOf(api, 'POST', home, { body: made }), lost, then);
}

function take(made: JsonObject, entry: Entry, key: string, value: Json): void {
  if (value === null || value === '' || value === SECRET) return;
  // Only admins may name an author, and whoever deleted their own note is one anyway.
  if (key === 'user_id' && String(value) === entry.account.split('@')[0]) return;
  const given = asGiven(entry, key, value);
  if (isObject(given) && Object.keys(given).length === 0) return;
  made[key] = given;
}

function isSet(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null && value !== '' && value !== false && value !== 0;
}

/** Options have new ids, wherever they are made: a field's come with it by their labels. */
function optionLabels(made: JsonObject): void {
  const { options } = made;
  if (!Array.isArray(options)) return;
  made['options'] = options.filter(isObject).map((option) => ({ label: option['label'] ?? '' }));
}

/** Lines of a deal that were removed together. */
function linesBack(entry: Entry, before: JsonObject, api: Api): Inverse {
  const { path, after } = entry;
  const { items } = before;
  const ids = isObject(after) ? after['ids'] : undefined;
  const keys = api.inputKeys(path);
  if (!Array.isArray(items) || !Array.isArray(ids) || !keys) {
    return impossible('The API has no way to bring back what was deleted here together.');
  }
  const data = items.filter(isObject).flatMap((row) => {
    if (!ids.some((id) => id === row['id'])) return [];
    const made: JsonObject = {};
    for (const [key, value] of Object.entries(row)) if (keys.has(key)) take(made, entry, key, value);
    return [made];
  });
  return possible(requestOf(api, 'POST', `${path}/bulk`, { body: { data } }), ['id: they have new ones', VALUE]);
}

function optionsBack(entry: Entry, api: Api): Inverse {
  const { method, path, body, before, after } = entry;
  const [, code = 'the field'] = segments(path);
  if (method === 'POST') {
    const made = (Array.isArray(after) ? after : []).flatMap((option) => {
      const id = idIn('options', option);
      return id === undefined ? [] : [{ id }];
    });
    return possible(requestOf(api, 'DELETE', path, { body: made }), []);
  }
  const sent = (Array.isArray(body) ? body : []).map((option) => idIn('options', option));
  const had = isObject(before) && Array.isArray(before['options']) ? before['options'].filter(isObject) : [];
  const old = sent.flatMap((id): JsonObject[] => had.filter((option) => option['id'] === id));
  if (old.length === 0) return impossible('The options as they were could not be read.');
  const bare = old.map(
    (option): JsonObject => ({
      ...(method === 'DELETE' ? {} : { id: option['id'] ?? null }),
      label: option['label'] ?? '',
    }),
  );
  if (method === 'PATCH') return possible(requestOf(api, 'PATCH', path, { body: bare }), []);
  const lost = ['id, color and place: they are new', `${code}: the records that had these options`];
  return possible(requestOf(api, 'POST', path, { body: bare }), lost);
}

/** A value that an answer gave, as a body wants it. */
function asGiven({ path, body }: Entry, key: string, value: Json): Json {
  const kind = kindOf(path);
  const sent = isObject(body) ? body[key] : undefined;
  // v1 shows the record that an id points to.
  if (isObject(value) && typeof value['value'] === 'number' && 'name' in value) return value['value'];
  if (typeof value === 'boolean' && (typeof sent === 'number' || key.endsWith('_flag') || readAs[kind]?.[key])) {
    return Number(value);
  }
  if (kind === 'products' && key === 'category' && value !== null) return Number(value);
  if (key === 'prices' && Array.isArray(value)) {
    return value.filter(isObject).map(({ product_id: _, ...price }) => withoutNulls(price));
  }
  if (key === 'custom_fields' && isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).flatMap(([code, one]) => (one === null ? [] : [[code, withoutNulls(one)] as const])),
    );
  }
  return isObject(value) ? withoutNulls(value) : value;
}

/** Addresses, amounts and ranges are shown with every part and given with those that are set. */
export function withoutNulls(value: Json): Json {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null));
}
