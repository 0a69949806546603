import type { Scene } from '../scene.ts';
import type { Family } from './family.ts';

/** Records that something has happened to. */
const traced: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
  async deal_id(scene) {
    const id = await scene.deal();
    await scene.note();
    await scene.activity();
    await scene.follower('deals');
    await scene.send('PATCH', `/api/v2/deals/${id}`, { value: 1300, owner_id: await scene.colleague(), status: 'won' });
    await scene.send('PATCH', `/api/v2/deals/${id}`, { custom_fields: await scene.customFields('deal') });
    return id;
  },
  async person_id(scene) {
    const id = await scene.person();
    await scene.activity();
    await scene.note();
    await scene.send('PATCH', `/api/v2/persons/${id}`, { name: 'Contract Person again', org_id: null });
    return id;
  },
  async organization_id(scene) {
    const id = await scene.organization();
    await scene.note();
    await scene.send('PATCH', `/api/v2/organizations/${id}`, { owner_id: await scene.colleague(), label_ids: [] });
    return id;
  },
};

export const history: Family = {
  value(scene, { toolset, name: tool }, name) {
    const make = toolset === 'history' || tool.endsWith('_follower_changelog') ? traced[name] : undefined;
    if (make) return scene.once(`traced ${name}`, () => make(scene));
    if (name === 'since_timestamp') return Promise.resolve('2026-11-01');
    return undefined;
  },
};
