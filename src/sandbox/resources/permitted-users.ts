import { type Call, ok, type Route, route } from '../route.ts';
import type { World } from '../world.ts';
import { liveDeal } from './deals.ts';
import { liveLead } from './leads.ts';
import { liveOrganization } from './organizations.ts';
import { livePerson } from './persons.ts';
import { liveProduct } from './products.ts';
import { seesPipeline } from './roles.ts';
import { activeUsers } from './users.ts';

type Id = Pick<Call<unknown, unknown>, 'int' | 'text'>;

/** Records that only some may see, and who answers 404 for them. */
const records: readonly (readonly [path: string, live: (world: World, id: Id) => object])[] = [
  ['deals', (world, { int }) => liveDeal(world, int('id'))],
  ['leads', (world, { text }) => liveLead(world, text('id'))],
  ['organizations', (world, { int }) => liveOrganization(world, int('id'))],
  ['persons', (world, { int }) => livePerson(world, int('id'))],
  ['products', (world, { int }) => liveProduct(world, int('id'))],
];

/** Every user may see everything in the sandbox but the deals of pipelines that are hidden from the user's role. */
export const routes: Route[] = records.map(([path, live]) =>
  route(`GET /v1/${path}/{id}/permittedUsers`, {
    cost: 10,
    handle(world, call) {
      const record = live(world, call);
      const pipeline =
        'pipeline_id' in record && typeof record.pipeline_id === 'number' ? record.pipeline_id : undefined;
      const permitted = activeUsers(world).filter(
        (user) => pipeline === undefined || seesPipeline(world, pipeline, user),
      );
      return ok(permitted.map((user) => user.id));
    },
  }),
);
