import { type Call, ok, type Route, route } from '../route.ts';
import { seesPipeline } from '../visibility.ts';
import type { World } from '../world.ts';
import { liveLead } from './leads.ts';
import { followed } from './linked.ts';
import { activeUsers } from './users.ts';

/** Every user may see everything in the sandbox but the deals of pipelines that are hidden from the user's role. */
export const routes: Route[] = [
  ...followed.map(({ path, live }) => permitted(path, (world, { int }) => live(world, int('id')))),
  permitted('leads', (world, { text }) => liveLead(world, text('id'))),
];

function permitted(path: string, live: (world: World, call: Call<unknown, unknown>) => object): Route {
  return route(`GET /v1/${path}/{id}/permittedUsers`, {
    cost: 10,
    handle(world, call) {
      const record = live(world, call);
      const pipeline =
        'pipeline_id' in record && typeof record.pipeline_id === 'number' ? record.pipeline_id : undefined;
      const users = activeUsers(world).filter((user) => pipeline === undefined || seesPipeline(world, pipeline, user));
      return ok(users.map((user) => user.id));
    },
  });
}
