import type { Operation } from '../../../src/catalog/operation.ts';
import type { Scene } from '../scene.ts';
import type { Family, Pick } from './family.ts';

/** Another record of a kind than the one that a scene makes first. */
const second: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
  deal: (scene) => scene.make('second deal', '/api/v2/deals', { title: 'Contract deal two' }),
  person: (scene) => scene.make('second person', '/api/v2/persons', { name: 'Contract Person Two' }),
  organization: (scene) => scene.make('second organization', '/api/v2/organizations', { name: 'Contract Two' }),
};

export const dealsMore: Family = {
  at(scene, segment) {
    if (segment === 'participants') return participant(scene);
    return segment === 'organizationRelationships' ? relationship(scene) : undefined;
  },
  value(scene, { name: tool, entity }: Operation, name: string, pick: Pick) {
    if (name === 'merge_with_id') return second[entity.name]?.(scene);
    if (tool === 'add_deal_participant' && name === 'person_id') return second['person']?.(scene);
    if (tool === 'list_deal_participants' && name === 'deal_id') return participant(scene).then(() => scene.deal());
    if (tool === 'list_deal_participant_changelog' && name === 'deal_id')
      return participant(scene).then(() => scene.deal());
    if (tool === 'list_organization_relationships') {
      return name === 'org_id' ? relationship(scene).then(() => scene.organization()) : undefined;
    }
    if (name === 'rel_owner_org_id') return scene.organization();
    if (name === 'rel_linked_org_id') return second['organization']?.(scene);
    if (name === 'field_key') return Promise.resolve(pick === 'first' ? 'add_time' : 'expected_close_date');
    return name === 'totals_convert_currency' ? Promise.resolve('EUR') : undefined;
  },
};

async function participant(scene: Scene): Promise<unknown> {
  const person_id = await second['person']?.(scene);
  return scene.post('participant', `/v1/deals/${await scene.deal()}/participants`, { person_id });
}

async function relationship(scene: Scene): Promise<unknown> {
  return scene.make('relationship', '/v1/organizationRelationships', {
    type: 'parent',
    rel_owner_org_id: await scene.organization(),
    rel_linked_org_id: await second['organization']?.(scene),
  });
}
