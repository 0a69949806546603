import type { Planned } from '../bulk/job.ts';
import { operationOf } from '../nested.ts';
import type { Imported } from './targets.ts';

/** What a person is asked before an import is done. */
export function questionOf(
  plural: string,
  counts: Readonly<Record<'create' | 'update' | 'bad' | 'persons' | 'organizations', number>>,
): string[] {
  const { create, update, bad, persons, organizations } = counts;
  return [
    `Import ${create + update} ${plural}: make ${create}, change ${update}`,
    ...(persons + organizations > 0 ? [`Also made: ${organizations} organizations, ${persons} persons`] : []),
    ...(bad > 0 ? [`Left out: ${bad} bad rows`] : []),
  ];
}

/** API tokens and requests that it takes, those that read what is changed among them. */
export function priceOf(
  kind: Imported,
  { create, update, contacts }: Readonly<Record<'create' | 'update' | 'contacts', number>>,
): Planned['price'] {
  const { cost, endpoint } = operationOf(`create_${kind}`);
  // v2 reads what is changed a hundred at a time.
  const reads = endpoint.includes('/v2/') ? Math.ceil(update / 100) : update;
  const readCost = endpoint.includes('/v2/') ? 10 : 2;
  return {
    tokens: (create + update) * cost + contacts * 5 + reads * readCost,
    requests: create + update + contacts + reads,
  };
}
