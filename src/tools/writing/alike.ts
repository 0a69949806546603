import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { fold } from '../../vocabulary/fold.ts';

export type ContactKind = 'person' | 'organization';

/** What two contacts are told to be the same by: `key` is compared, `says` is shown. */
export type Trait = { readonly key: string; readonly says: string };

/**
 * What a person or an organization is known by. Persons are probably one where they share a trait, organizations where
 * their addresses agree as well. Takes v2's records, arguments of a create and search results.
 */
export function traitsOf(kind: ContactKind, record: JsonObject): Trait[] {
  const name = String(record['name'] ?? '');
  if (kind === 'organization') {
    const core = coreOf(name);
    return core === '' ? [] : [{ key: `name ${core}`, says: 'same name' }];
  }
  const emails = valuesOf(record['emails']).flatMap((value): Trait[] => {
    const email = value.trim().toLowerCase();
    return email === '' ? [] : [{ key: `e-mail ${email}`, says: `same e-mail ${email}` }];
  });
  const phones = valuesOf(record['phones']).flatMap((value): Trait[] => {
    const number = digitsOf(value);
    return number === '' ? [] : [{ key: `phone ${number}`, says: `same phone ${value.trim()}` }];
  });
  const org = orgOf(record);
  const words = name.split(/\s+/).map(bare).filter(Boolean).join(' ');
  const named =
    org === null || words === '' ? [] : [{ key: `name ${words} in ${org}`, says: 'same name and organization' }];
  return [...emails, ...phones, ...named];
}

/** The traits that two contacts share, none where they are not the same. */
export function sharedTraits(kind: ContactKind, one: JsonObject, other: JsonObject): Trait[] {
  if (kind === 'organization' && !agree(addressOf(one), addressOf(other))) return [];
  const known = new Set(traitsOf(kind, other).map(({ key }) => key));
  return traitsOf(kind, one).filter(({ key }) => known.has(key));
}

/** An address as words, in the order in which they come. */
export function addressOf({ address }: JsonObject): readonly string[] {
  const text = isObject(address) ? address['value'] : address;
  return typeof text === 'string'
    ? text
        .split(/[\s,;]+/)
        .map(bare)
        .filter(Boolean)
    : [];
}

/** One may leave out what the other says, such as the country; where one is not known, nothing speaks against it. */
export function agree(one: readonly string[], other: readonly string[]): boolean {
  const [less, more] = one.length < other.length ? [one, other] : [other, one];
  return less.every((word) => more.includes(word));
}

/** The values of e-mails or phones, the primary one first. */
export function valuesOf(list: Json | undefined): string[] {
  const entries = Array.isArray(list) ? list : [];
  const isPrimary = (entry: Json) => isObject(entry) && entry['primary'] === true;
  return [...entries.filter(isPrimary), ...entries.filter((entry) => !isPrimary(entry))].flatMap((entry) => {
    const value = isObject(entry) ? entry['value'] : entry;
    return typeof value === 'string' ? [value] : [];
  });
}

/** A number however it is spaced, `00` being another way to write `+`. */
function digitsOf(phone: string): string {
  return phone.replaceAll(/\D/g, '').replace(/^00/, '');
}

function orgOf({ org_id, organization }: JsonObject): Json {
  return (isObject(organization) ? organization['id'] : org_id) ?? null;
}

/** The letters and digits of a word. */
function bare(word: string): string {
  return fold(word).replaceAll(/[^\p{L}\p{N}]/gu, '');
}

const LEGAL = new Set(
  (
    'ab ag aktiengesellschaft aps as asa bhd bv bvba co company corp corporation cv dac dba doo dd eg eirl ev eurl gbr gesmbh ' +
    'gmbh ggmbh hf inc incorporated kft kg kgaa kk lda limited llc llp lp ltd ltda mbh nv ohg oo oy oyj ou ou plc ps pt ' +
    'pte pty pvt rt sa sab sae sarl sas sasu sca scs sdn se sia sl slu snc sp spa spzoo srl sro ug uab zrt'
  ).split(' '),
);
/** What may stand before a name as well. */
const LEADING = new Set('ab as ooo ou pt sia uab zao'.split(' '));
/** They belong to a legal form where they stand between two: `GmbH & Co. KG`. */
const JOINING = new Set(['', 'and', 'de', 'und', 'et', 'y', 'e', 'z']);

/** The name of an organization without its legal form, as it is written. */
export function withoutLegalForm(name: string): string {
  const words = name.trim().split(/\s+/);
  const isForm = (word: string | undefined) => word !== undefined && LEGAL.has(bare(word));
  let end = words.length;
  while (end > 1 && (isForm(words[end - 1]) || isJoining(words.slice(end - 2, end + 1)))) end -= 1;
  const start = end > 1 && LEADING.has(bare(words[0] ?? '')) ? 1 : 0;
  return words
    .slice(start, end)
    .join(' ')
    .replace(/[\s,.;&+-]+$/, '');

  function isJoining([before, word, after]: readonly string[]): boolean {
    return word !== undefined && JOINING.has(bare(word)) && isForm(before) && isForm(after);
  }
}

function coreOf(name: string): string {
  const core = withoutLegalForm(name).replaceAll('&', ' and ').split(/\s+/).map(bare).join('');
  // A name of nothing but signs is compared as it is.
  return core === '' ? fold(name) : core;
}
