import { isObject, type Json } from '../../pipedrive/json.ts';
import { fold } from '../../vocabulary/fold.ts';
import { LISTED, lookUp } from '../../vocabulary/lookup.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { isListed, type ListedKind } from '../../vocabulary/records.ts';
import type { Arguments } from '../request.ts';
import { type Run, rowsOf } from '../run.ts';
import { idTexts, readLink, recordKind, refuseOtherCompany, shown } from './link.ts';

/** What of a call it takes to find what its names mean. */
export type Naming = Pick<Run, 'operation' | 'args' | 'account' | 'vocabulary' | 'client' | 'options'>;

/** The id of a user by id, name, e-mail or `me`. */
export async function userId(
  { account, vocabulary, options }: Naming,
  given: string | number,
  argument: string,
): Promise<number> {
  if (typeof given === 'string' && fold(given) === 'me') return account.userId;
  return Number(await lookUp(vocabulary.names('user'), given, { argument, noun: 'user' }, options));
}

/** The id of a person or organization by id, link, `Kevin Lindgren (14)`, or a name that one alone has: one search. */
export async function recordId(
  run: Naming,
  kind: 'person' | 'organization',
  given: string | number,
  argument: string,
): Promise<number> {
  if (typeof given === 'number') return given;
  const text = given.trim();
  if (/^\d+$/.test(text)) return Number(text);
  if (/^https?:\/\//i.test(text)) {
    refuseOtherCompany({ [`${kind}_id`]: text }, run.account);
    return Number(readLink(text, kind));
  }
  const known = shown(text);
  if (known && (await nameOf(run, kind, known.id, known.name)) === undefined) return known.id;
  const { data } = await run.client.request(
    {
      method: 'GET',
      path: `/api/v2/${kind}s/search`,
      query: { term: text, fields: 'name', exact_match: true, limit: LISTED + 1 },
      cost: 20,
      search: true,
    },
    run.options,
  );
  const found = rowsOf(data, 'items').flatMap(({ item }) => (isObject(item) ? [item] : []));
  const [only, ...others] = found;
  if (only && others.length === 0) return Number(only['id']);
  if (!only) {
    throw new Problem(
      `${argument}: there is no ${kind} "${text.slice(0, 100)}".`,
      'None has exactly this name, upper and lower case aside.',
      `Look for it with search_${kind}s and give the id found there; nothing was changed.`,
    );
  }
  throw new Problem(
    `${argument}: ${found.length > LISTED ? `more than ${LISTED}` : found.length} ${kind}s are called "${text.slice(0, 100)}".`,
    `They are ${found.slice(0, LISTED).map(described).join(', ')}.`,
    'Give the id of the one that is meant.',
  );
}

/** `Kevin Lindgren (14) of Acme`. */
function described(item: Record<string, Json>): string {
  const { id, name, organization } = item;
  const of = isObject(organization) ? ` of ${String(organization['name'])}` : '';
  return `${String(name)} (${String(id)})${of}`;
}

/**
 * Refuses a record that was given by name and id where the id is another's: `Acme (2019)` may be how a company is called.
 * Takes a request only for a record that no answer has shown lately.
 */
export async function checkShown(run: Naming, given: Arguments): Promise<void> {
  for (const [key, text] of idTexts(given)) {
    const kind = recordKind(run.operation, key);
    const known = shown(text);
    if (!known || kind === undefined || !isListed(kind)) continue;
    const other = await nameOf(run, kind, known.id, known.name);
    if (other === undefined) continue;
    throw new Problem(
      `${key}: the ${kind} ${known.id} is not called "${known.name.slice(0, 100)}".`,
      `It is called "${other}".`,
      `Give the id of the ${kind} that is meant, as a number; search_items finds it by its name.`,
    );
  }
}

/** The name of a record where it is another than was said; undefined also where the record can't be seen. */
async function nameOf(
  { vocabulary, options }: Naming,
  kind: ListedKind,
  id: number,
  said: string,
): Promise<string | undefined> {
  await vocabulary.linked.need(kind, [id], options);
  const name = vocabulary.linked.name(kind, id);
  return name !== undefined && fold(name) !== fold(said) ? name : undefined;
}
