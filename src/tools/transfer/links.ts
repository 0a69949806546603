import type { JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import type { Contacts, Ref } from '../bulk/contacts.ts';
import { shown } from '../names/link.ts';
import type { ContactKind } from '../writing/alike.ts';
import type { Given } from './row.ts';
import { type Imported, makesContacts } from './targets.ts';

/** The contacts that a row is linked to, and those of them that it makes. */
export type Links = { readonly person?: Ref; readonly organization?: Ref };
export type Made = { readonly kind: ContactKind; readonly record: JsonObject };

const NAMED = 5;

/** Finds the contacts that a row names by the rules of create; those that are new are made by it. Throws a Problem. */
export function linksOf(
  kind: Imported,
  { contact, line }: Given,
  known: { readonly persons: Contacts | undefined; readonly organizations: Contacts | undefined },
): { readonly links: Links; readonly made: readonly Made[] } {
  const made: Made[] = [];
  const makes = makesContacts(kind);
  const { person, person_email: email, person_phone: phone, organization: company } = contact;
  let organization: Ref | undefined;
  if (company !== undefined && known.organizations) {
    organization = found(known.organizations, company, { name: company });
    if (organization === undefined) {
      organization = make('organization', { name: company });
    }
  }
  if ((person === undefined && email === undefined && phone === undefined) || !known.persons) {
    return { links: organization === undefined ? {} : { organization }, made };
  }
  const record: JsonObject = {
    ...(person === undefined ? {} : { name: person }),
    ...(email === undefined ? {} : { emails: [{ value: email, primary: true }] }),
    ...(phone === undefined ? {} : { phones: [{ value: phone, primary: true }] }),
    ...(organization === undefined ? {} : { org_id: organization }),
  };
  const one = found(known.persons, person ?? '', record) ?? make('person', record);
  return { links: { person: one, ...(organization === undefined ? {} : { organization }) }, made };

  function make(of: ContactKind, as: JsonObject): Ref {
    const name = String(as['name'] ?? '');
    if (!makes || name === '') throw missing(of, name || String(email ?? phone));
    made.push({ kind: of, record: as });
    return -line;
  }
}

/** The contact that is meant by `Name (14)`, an id, or what it is known by; undefined where there is none. */
function found(contacts: Contacts, text: string, record: JsonObject): Ref | undefined {
  const { kind } = contacts;
  const said = shown(text);
  if (said && contacts.has(said.id)) {
    if (contacts.isCalled(said.id, said.name)) return said.id;
    if (contacts.called(text).length === 0) {
      throw new Problem(
        `"${kind}": the ${kind} ${said.id} is not called "${said.name.slice(0, 100)}".`,
        '',
        'Give the id of the one that is meant.',
      );
    }
  }
  const alike = contacts.alike(record).map(({ ref }) => ref);
  const named = text === '' ? [] : contacts.called(text);
  // With nothing but a name, the name has to do.
  const isBare = !('emails' in record) && !('phones' in record) && !('org_id' in record);
  const candidates = alike.length > 0 ? alike : isBare ? named : [];
  const [one, other] = candidates;
  if (one !== undefined && other === undefined) return one;
  if (one !== undefined) {
    const exact = candidates.filter((ref) => named.includes(ref));
    if (exact.length === 1 && kind === 'organization') return exact[0];
    throw several(kind, text, candidates);
  }
  return /^\d{1,15}$/.test(text.trim()) && named.length === 0 ? byId(contacts, Number(text)) : undefined;
}

function byId(contacts: Contacts, id: number): Ref {
  if (contacts.has(id)) return id;
  throw new Problem(
    `"${contacts.kind}": there is no ${contacts.kind} ${id}.`,
    '',
    'Give the id of one that is there, or a name.',
  );
}

function several(kind: ContactKind, text: string, refs: readonly Ref[]): Problem {
  const which = refs.slice(0, NAMED).map((ref) => (ref > 0 ? String(ref) : `the one that line ${-ref} makes`));
  const more = refs.length > NAMED ? ` and ${refs.length - NAMED} more` : '';
  return new Problem(
    `"${kind}": "${text.slice(0, 100)}" may be ${which.join(', ')}${more}.`,
    '',
    'Give the id of the one that is meant, as "Name (id)".',
  );
}

function missing(kind: ContactKind, name: string): Problem {
  return new Problem(
    `"${kind}": there is no ${kind} "${name.slice(0, 100)}".`,
    '',
    kind === 'person'
      ? 'Give the name of the person too, or the id of one that is there.'
      : 'Give the name or id of one that is there.',
  );
}
