import { id, input } from './arguments.ts';
import { deal } from './deals.ts';
import type { Entity } from './entity.ts';
import { type Operation, operation, type Toolset } from './operation.ts';
import { organization } from './organizations.ts';
import { person } from './persons.ts';

/** Two records made one; alike for every entity that can be merged. */
function merge(of: Entity, toolset: Toolset): Operation {
  return operation({
    name: `merge_${of.plural}`,
    title: `Merge ${of.plural}`,
    summary: `Merge ${of.name} id into ${of.name} merge_with_id, which stays; id is removed.`,
    details: 'The one that stays wins conflicts, gets empty fields filled and everything linked. Cannot be undone.',
    kind: 'merge',
    toolset,
    endpoint: `PUT /api/v1/${of.plural}/{id}/merge`,
    cost: 40,
    input: input({ id: id.describe('Is removed'), merge_with_id: id.describe('Stays and wins') }),
    entity: of,
  });
}

export const merges = [
  merge(deal, 'deals'),
  merge(person, 'contacts'),
  merge(organization, 'contacts'),
  operation({
    name: 'duplicate_deal',
    title: 'Duplicate deal',
    summary: 'Make a copy of a deal with its products; notes and activities stay with the original.',
    kind: 'create',
    toolset: 'deals',
    endpoint: 'POST /api/v1/deals/{id}/duplicate',
    cost: 10,
    input: input({ id: id.describe('The deal to copy') }),
    entity: deal,
  }),
];
