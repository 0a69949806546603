import type { Json } from '../../pipedrive/json.ts';
import type { Links } from './links.ts';

/** What is done with a row. */
export type Decision =
  | { readonly is: 'create' | 'update'; readonly id?: Json; readonly links: Links }
  | { readonly is: 'same' | 'skip' | 'bad' };

/** `c`, `c|5,-12`, `u31|,7`, `.`: what is done, with the organization and the person that it is linked to. */
export function written(decision: Decision): string {
  if (decision.is !== 'create' && decision.is !== 'update') return '.';
  const { person, organization } = decision.links;
  const refs = person === undefined && organization === undefined ? '' : `|${organization ?? ''},${person ?? ''}`;
  return `${decision.is === 'create' ? 'c' : `u${String(decision.id)}`}${refs}`;
}

/** A decision as it was kept; undefined where nothing is to be done. */
export function readDecision(text: string): Extract<Decision, { links: Links }> | undefined {
  const [, what, id = '', organization = '', person = ''] = /^([cu])([^|]*)(?:\|(-?\d*),(-?\d*))?$/.exec(text) ?? [];
  if (what === undefined) return undefined;
  const links = {
    ...(organization === '' ? {} : { organization: Number(organization) }),
    ...(person === '' ? {} : { person: Number(person) }),
  };
  if (what === 'c') return { is: 'create', links };
  return { is: 'update', links, id: /^\d+$/.test(id) ? Number(id) : id };
}
