import type { Operation } from '../../catalog/operation.ts';
import { isShort } from '../../pipedrive/budget.ts';
import type { ApiRequest } from '../../pipedrive/client.ts';
import { PipedriveError } from '../../pipedrive/errors.ts';
import { isObject, type JsonObject } from '../../pipedrive/json.ts';
import { fold } from '../../vocabulary/fold.ts';
import { outsidersWrote } from '../answers/answer.ts';
import { defaultColumns, tableOf } from '../answers/table.ts';
import { cut } from '../answers/text.ts';
import { type Run, rowsOf } from '../run.ts';
import { type ContactKind, sharedTraits, valuesOf, withoutLegalForm } from './alike.ts';
import { api } from './api.ts';
import { keys } from './scope.ts';

/** What a look for others of the same kind found before a create. */
export type Look = {
  /** The contacts that are there already, in the place of a new one. */
  readonly found?: JsonObject;
  /** What the create's answer says besides its own. */
  readonly says: { readonly hint?: string; readonly not_checked?: string };
};

const NOTHING: Look = { says: {} };
/** A contact is looked for in so many requests. */
const MOST_REQUESTS = 2;
const MOST_CANDIDATES = 10;

/** Looks whether what a call creates is there already. A look that fails holds no create up: its answer says so. */
export async function lookForLike(run: Run): Promise<Look> {
  const { operation, guarding } = run;
  if (operation.kind !== 'create' || guarding['allow_duplicate'] === true) return NOTHING;
  // Half of the time is left for the create itself.
  const options = { ...run.options, deadline: (Date.now() + run.options.deadline) / 2 };
  const looking = { ...run, options };
  const name = operation.entity.name;
  if (operation.name === 'create_person') return contacts(looking, 'person', personQuestions(looking));
  if (operation.name === 'create_organization')
    return contacts(looking, 'organization', [organizationQuestion(looking)]);
  if (operation.name === 'create_deal' || operation.name === 'create_lead') return sameTitle(looking, name);
  return NOTHING;
}

/** One request that may find a contact's like, and what it asks for. */
type Question = { readonly about: string; readonly request: ApiRequest; readonly at?: 'items' };

/** The surest first: an e-mail is one person's, a name in an organization probably, a phone may be a switchboard's. */
function personQuestions({ args }: Run): Question[] {
  const search = (term: string): Question['request'] => ({
    method: 'GET',
    path: '/api/v2/persons/search',
    query: { term, fields: 'email,phone', exact_match: true, limit: 100 },
    cost: 20,
    search: true,
  });
  const asked = (key: string, noun: string) =>
    valuesOf(args[key])
      .filter((value) => value.trim() !== '')
      .map((value): Question => ({ about: `${noun} ${value}`, request: search(value.trim()), at: 'items' }));
  const [email, ...emails] = asked('emails', 'e-mail');
  const [phone, ...phones] = asked('phones', 'phone');
  const { org_id } = args;
  const colleagues: Question[] =
    typeof org_id === 'number'
      ? [
          {
            about: 'name in the organization',
            request: { method: 'GET', path: '/api/v2/persons', query: { org_id, limit: 500 }, cost: 10 },
          },
        ]
      : [];
  return [...(email ? [email] : []), ...colleagues, ...(phone ? [phone] : []), ...emails, ...phones];
}

function organizationQuestion({ args }: Run): Question {
  const name = String(args['name']).trim();
  const core = withoutLegalForm(name);
  const query = core.length < 2 ? { term: name, exact_match: true } : { term: core };
  return {
    about: 'name',
    request: {
      method: 'GET',
      path: '/api/v2/organizations/search',
      query: { ...query, fields: 'name', limit: 100 },
      cost: 20,
      search: true,
    },
    at: 'items',
  };
}

type Like = { readonly id: number; readonly same: string };

async function contacts(run: Run, kind: ContactKind, questions: readonly Question[]): Promise<Look> {
  const { args, client, options } = run;
  const [asked, left] = [questions.slice(0, MOST_REQUESTS), questions.slice(MOST_REQUESTS)];
  let likes: Like[] = [];
  let found: JsonObject | undefined;
  try {
    for (const { request, at } of asked) {
      const rows = rowsOf((await client.request(request, options)).data, at);
      likes = rows.flatMap((row): Like[] => {
        const found = at ? row['item'] : row;
        if (!isObject(found) || typeof found['id'] !== 'number') return [];
        const same = sharedTraits(kind, args, found).map(({ says }) => says);
        return same.length > 0 ? [{ id: found['id'], same: same.join(', ') }] : [];
      });
      if (likes.length > 0) break;
    }
    if (likes.length > 0) found = await candidates(run, kind, likes);
  } catch (error) {
    const perhaps = likes.slice(0, MOST_CANDIDATES).map(({ id, same }) => `${id}, ${same}`);
    const one = perhaps.length > 0 ? ` (perhaps ${perhaps.join('; ')})` : '';
    return { says: { not_checked: `Whether this ${kind} is there already${one}: ${reasonOf(error, run)}` } };
  }
  if (found) return { found, says: {} };
  if (left.length === 0) return NOTHING;
  const about = cut(left.map((one) => one.about).join(', '), 200);
  return { says: { not_checked: `Whether another ${kind} has ${about}: a look-up takes ${MOST_REQUESTS} requests.` } };
}

/** The answer in the place of a create: those that are there, as they are now. */
async function candidates(run: Run, kind: ContactKind, likes: readonly Like[]): Promise<JsonObject | undefined> {
  const { operation, client, options } = run;
  const shown = likes.slice(0, MOST_CANDIDATES);
  const path = `/api/v2/${operation.entity.plural}`;
  const query = { ids: shown.map(({ id }) => id).join(','), ...included(operation) };
  const { data } = await client.request({ method: 'GET', path, query, cost: 10 }, options);
  const all = rowsOf(data, undefined);
  // A search may still know what has been deleted.
  if (all.length === 0) return undefined;
  const within = all.filter((record) => isWithin(run, record));
  const table = await tableOf(run, within, contactColumns(operation));
  const whys = new Set(shown.map(({ same }) => same));
  const [why = ''] = whys;
  return {
    candidates: { columns: [...(table.columns ?? [])], rows: [...table.rows] },
    ...outsidersWrote(table.outside),
    ...(within.length < all.length ? { outside_scope: all.length - within.length } : {}),
    ...(likes.length > shown.length ? { candidates_in_all: likes.length } : {}),
    why: whys.size === 1 ? capital(why) : shown.map(({ id, same }) => `${id}: ${same}`).join('; '),
    next: `Use one of these (update_${kind} changes it), or call again with allow_duplicate: true.`,
  };
}

/** What lies outside of the scope that the process is kept to is counted, and not shown. */
function isWithin({ scope, args }: Run, record: JsonObject): boolean {
  return (['owner', 'pipeline'] as const).every(
    (pinned) => scope?.[pinned] === undefined || record[keys[pinned]] === args[keys[pinned]],
  );
}

/** The columns that tell two contacts apart. */
export function contactColumns({ entity }: Pick<Operation, 'entity'>) {
  return defaultColumns(entity).filter(({ name }) => !name.endsWith('_deals'));
}

/** What v2 gives of organizations only when it is asked. */
export function included({ entity }: Pick<Operation, 'entity'>): { include_fields?: string } {
  return entity.name === 'organization' ? { include_fields: 'people_count' } : {};
}

/** Several deals a contact are normal, two of one title are worth a word. One request, spared where the budget is short. */
async function sameTitle(run: Run, kind: string): Promise<Look> {
  const { args, client, options } = run;
  const isDeal = kind === 'deal';
  const what = isDeal ? 'an open deal' : 'a lead';
  const org = isDeal ? 'org_id' : 'organization_id';
  const by = args[org] === undefined ? 'person_id' : org;
  const [contact, title] = [args[by], fold(String(args['title'] ?? ''))];
  const isOpen = args['status'] === undefined || args['status'] === 'open';
  if (typeof contact !== 'number' || title === '' || !isOpen || isShort(client.limits().daily)) return NOTHING;
  const path = isDeal ? '/api/v2/deals' : '/api/v1/leads';
  const query = { [by]: contact, limit: 500, ...(isDeal ? { status: 'open' } : {}) };
  try {
    const cost = api.cost('GET', path) ?? 10;
    const { data } = await client.request({ method: 'GET', path, query, cost }, options);
    const same = rowsOf(data, undefined).filter(
      (row) => fold(String(row['title'] ?? '')) === title && isWithin(run, row),
    );
    if (same.length === 0) return NOTHING;
    const ids = same.slice(0, 5).map(({ id }) => String(id));
    const whose = by === 'person_id' ? 'person' : 'organization';
    return {
      says: {
        hint: `There is ${what} of the same title for the same ${whose} already (${ids.join(', ')}): one of them may be too many.`,
      },
    };
  } catch (error) {
    return { says: { not_checked: `Whether there is ${what} of this title already: ${reasonOf(error, run)}` } };
  }
}

/** Why a look came to nothing; what ends the call itself is thrown on. */
function reasonOf(error: unknown, { options }: Run): string {
  if (!(error instanceof PipedriveError) || options.signal.aborted) throw error;
  return cut(error.message, 300);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
