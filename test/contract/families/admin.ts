import type { Scene } from '../scene.ts';
import type { Family, Json } from './family.ts';

let invited = 0;

function role(scene: Scene): Promise<number> {
  return scene.make('role', '/v1/roles', { name: 'Contract role' });
}

/** A role that somebody is in, who is in it alone: a user has one role. */
async function roleWithUser(scene: Scene): Promise<number> {
  const id = await role(scene);
  const user_id = await newcomer(scene);
  await scene.once('role assignment', () => scene.send('POST', `/v1/roles/${id}/assignments`, { user_id }));
  return id;
}

async function team(scene: Scene): Promise<number> {
  const manager_id = await scene.colleague();
  return scene.make('team', '/v1/legacyTeams', { name: 'Contract team', manager_id, users: [manager_id] });
}

/** A colleague of this scene alone. */
async function newcomer(scene: Scene): Promise<number> {
  return scene.make('newcomer', '/v1/users', { email: email() });
}

function email(): string {
  invited += 1;
  return `contract.${invited}@varsa.example`;
}

async function permissionSet(scene: Scene): Promise<Json> {
  const [first] = await scene.list('permission sets', '/v1/permissionSets?app=sales');
  return first ?? {};
}

export const admin: Family = {
  at(scene, segment) {
    if (segment === 'roles') return roleWithUser(scene);
    if (segment === 'legacyTeams') return team(scene);
    if (segment === 'user') return team(scene).then(() => scene.colleague());
    if (segment === 'permissionSets') return permissionSet(scene).then(({ id }) => id);
    return undefined;
  },
  value(scene, { name: tool }, name, pick) {
    if (tool === 'update_user' && name === 'id') return newcomer(scene);
    if (tool === 'create_user' && name === 'email') return Promise.resolve(email());
    if (tool === 'remove_role_assignment' && name === 'user_id') return roleWithUser(scene).then(() => newcomer(scene));
    if (name === 'parent_role_id') return Promise.resolve(1);
    if (name === 'manager_id') return scene.colleague();
    if (name === 'visible_pipeline_ids') {
      return scene.pipeline().then((id) => (pick === 'first' ? { add: [id] } : { add: [1], remove: [id] }));
    }
    if (name === 'users') return scene.colleague().then((id) => [id]);
    if (name === 'access') {
      const set = permissionSet(scene).then(({ id }) => ({ app: 'sales', permission_set_id: id }));
      return set.then((one) => [pick === 'first' ? one : { app: 'global', admin: true }, { app: 'account_settings' }]);
    }
    return undefined;
  },
};
