import { id, input, named, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** Which user a video calling app knows under which id; answers hold a message only. */
const link = entity({ name: 'user_provider_link', plural: 'user_provider_links', columns: ['message'] });

export const meetings = [
  operation({
    name: 'create_user_provider_link',
    title: 'Create user provider link',
    summary: 'Tell Pipedrive that a user installed a video calling app; for the app itself.',
    kind: 'create',
    toolset: 'admin',
    endpoint: 'POST /api/v1/meetings/userProviderLinks',
    cost: 10,
    input: input({
      user_provider_id: text.describe("The app's id of the user, a UUID"),
      user_id: named.describe('User'),
      company_id: id.describe('Company id'),
      marketplace_client_id: text.describe("The app's client id"),
    }),
    entity: link,
  }),
  operation({
    name: 'delete_user_provider_link',
    title: 'Delete user provider link',
    summary: 'Remove the link between a user and a video calling app.',
    kind: 'delete',
    toolset: 'admin',
    endpoint: 'DELETE /api/v1/meetings/userProviderLinks/{id}',
    cost: 6,
    input: input({ id: text.describe("The app's id of the user") }),
    entity: link,
  }),
];
