import { links } from '../../catalog/links.ts';
import type { Operation } from '../../catalog/operation.ts';
import { isObject, type Json, parseJson } from '../../pipedrive/json.ts';
import type { Account } from '../../vocabulary/account.ts';
import { Problem } from '../../vocabulary/problem.ts';
import type { Arguments } from '../request.ts';

/** Where the web app shows each kind of record. */
const pages: Readonly<Record<string, RegExp>> = {
  deal: /^\/deal\/(\d+)(?:\/|$)/,
  person: /^\/person\/(\d+)(?:\/|$)/,
  organization: /^\/organization\/(\d+)(?:\/|$)/,
  lead: /^\/leads\/inbox\/([0-9a-f-]{36})(?:\/|$)/i,
  project: /^\/projects\/(\d+)(?:\/|$)/,
  product: /^\/product\/(\d+)(?:\/|$)/,
  pipeline: /^\/pipeline\/(\d+)(?:\/|$)/,
};

/**
 * The kind of record that an argument names by id: what a pasted link must show. `id` and `ids` are of the operation's own,
 * those of a conversion of what is converted.
 */
export function recordKind({ entity, name: operation, toolset }: Operation, name: string): string | undefined {
  // Of many records at once another argument says the kind.
  if (toolset === 'bulk') return undefined;
  const key = name.replace(/^(add|remove)_(?=\w+_ids$)/, '').replace(/ids$/, 'id');
  if (key === 'id' || key === 'merge_with_id') return /^convert_([a-z]+)_to_/.exec(operation)?.[1] ?? entity.name;
  const kind = Object.hasOwn(links, key) ? links[key]?.kind : undefined;
  return kind !== undefined && Object.hasOwn(pages, kind) ? kind : undefined;
}

/** The name and id of a record that is given as answers show it: `Kevin Lindgren (14)`. */
export function shown(text: string): { readonly name: string; readonly id: number } | undefined {
  const [, name, id] = /^(.*\S)\s+\((\d{1,15})\)$/s.exec(text.trim()) ?? [];
  return name === undefined ? undefined : { name, id: Number(id) };
}

/** Every text that stands where an id belongs, at any depth, with its key. */
export function* idTexts(value: Json, key = ''): Generator<readonly [key: string, text: string]> {
  if (Array.isArray(value)) for (const item of value) yield* idTexts(item, key);
  else if (isObject(value))
    for (const [name, part] of Object.entries(value)) yield* name === 'custom_fields' ? [] : idTexts(part, name);
  else if (typeof value === 'string') {
    const parsed = /^\s*[[{]/.test(value) ? parseJson(value) : undefined;
    if (parsed !== undefined && typeof parsed === 'object') yield* idTexts(parsed, key);
    else if (/^(id|.*_id)s?$/.test(key)) yield [key, value];
  }
}

/** The id in a link that was copied from Pipedrive's web app; a Problem where it shows another kind of record. */
export function readLink(link: string, kind: string): string | number {
  const path = isPipedriveLink(link) ? new URL(link).pathname : '';
  const id = pages[kind]?.exec(path)?.[1];
  if (id !== undefined) return /^\d+$/.test(id) ? Number(id) : id;
  const other = Object.entries(pages).find(([, form]) => form.test(path))?.[0];
  throw new Problem(
    `This link does not show a ${kind}: ${link.slice(0, 200)}`,
    other ? `It shows a ${other}.` : 'It is not the page of a record in Pipedrive.',
    `Give the ${kind}'s id, or the link of its page.`,
  );
}

/** Refuses a link of another company: its id would name an unrelated record here. */
export function refuseOtherCompany(given: Arguments, account: Account): void {
  for (const [name, value] of idTexts(given)) {
    if (!isPipedriveLink(value)) continue;
    if (new URL(value).hostname === `${account.domain}.pipedrive.com`) continue;
    throw new Problem(
      `${name}: this link is of another company: ${value.slice(0, 200)}`,
      `This server works in ${account.company} (${account.domain}.pipedrive.com).`,
      'Nothing was sent. Give an id or a link of this company.',
    );
  }
}

function isPipedriveLink(text: string): boolean {
  return /^https:\/\/[^/]*\.pipedrive\.com\//i.test(text) && URL.canParse(text);
}
