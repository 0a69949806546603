import { input } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

const settings = entity({
  name: 'user_settings',
  plural: 'user_settings',
  columns: [],
  note: 'Switches that are not listed are off.',
});

const connections = entity({ name: 'user_connections', plural: 'user_connections', columns: [] });

export const userSettings = [
  operation({
    name: 'get_user_settings',
    title: 'Get user settings',
    summary: "The token user's settings.",
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/userSettings',
    cost: 2,
    input: input({}),
    entity: settings,
  }),
  operation({
    name: 'get_user_connections',
    title: 'Get user connections',
    summary: 'Which outside accounts, such as Google, the token user has connected.',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/userConnections',
    cost: 20,
    input: input({}),
    entity: connections,
  }),
];
