import type { Scene } from '../scene.ts';
import type { Family } from './family.ts';

/** Of each resource: the type of its filters, and whose fields they ask about. */
const kinds: Readonly<Record<string, readonly [type: string, entity: string]>> = {
  deals: ['deals', 'deal'],
  pipelines: ['deals', 'deal'],
  stages: ['deals', 'deal'],
  leads: ['leads', 'lead'],
  persons: ['people', 'person'],
  organizations: ['org', 'organization'],
  products: ['products', 'product'],
  activities: ['activity', 'activity'],
  projects: ['projects', 'deal'],
};

/** A saved filter for the lists of a resource that finds all with an id. */
async function filter(scene: Scene, resource: string): Promise<unknown> {
  const [type, entity] = kinds[resource] ?? ['deals', 'deal'];
  const fields = await scene.list(`v1 ${entity}Fields`, `/v1/${entity}Fields`);
  const id = fields.find(({ key }) => key === 'id')?.['id'];
  const condition = { object: entity, field_id: id, operator: 'IS NOT NULL', value: null, extra_value: null };
  const groups = [
    { glue: 'and', conditions: [condition] },
    { glue: 'or', conditions: [] },
  ];
  const conditions = { glue: 'and', conditions: groups };
  return scene.make(`filter ${type}`, '/v1/filters', { name: 'Contract filter', type, conditions });
}

export const filters: Family = {
  at: (scene, segment) => (segment === 'filters' ? filter(scene, 'deals') : undefined),
  value(scene, operation, name, pick) {
    const [, , , resource = ''] = operation.endpoint.split('/');
    if (name === 'filter_id') return filter(scene, resource);
    // Of projects only linked records can be asked about.
    if (name === 'all_of')
      return Promise.resolve(pick === 'first' ? ['add_time > 2026-01-01'] : ['organization.name is not empty']);
    return name === 'any_of' ? Promise.resolve(['person.name contains a']) : undefined;
  },
  least: { create_filter: ['all_of'] },
};
