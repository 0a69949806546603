import { z } from 'zod/v3';
import { inTime, rfc3339, v1Time } from '../clock.ts';
import { invalid } from '../error.ts';
import { isVisible } from '../filters/filter.ts';
import type { JsonObject } from '../json.ts';
import type { User } from '../model.ts';
import { startReply } from '../page.ts';
import { field, param, startLimit } from '../parameters.ts';
import { type Route, route } from '../route.ts';
import { activityV1 } from '../views/activity.ts';
import { organizationV1, personV1 } from '../views/contact.ts';
import { dealV1, pipelineV1, stageV1 } from '../views/deal.ts';
import { seesPipeline, visibleDeals } from '../visibility.ts';
import type { World } from '../world.ts';
import { activityTypeV1 } from './activity-types.ts';
import { fileV1 } from './files.ts';
import { filterV1 } from './filters.ts';
import { noteV1 } from './notes.ts';
import { productV1 } from './products.ts';
import { userView } from './users.ts';

/** A record as it was last changed, deleted ones among them. */
type Recent = { readonly item: string; readonly id: number; readonly time: string; readonly data: () => JsonObject };
type Dated = { readonly id: number; readonly update_time: string };

function kind<R extends Dated>(
  item: string,
  rows: (world: World) => readonly R[],
  view: (world: World, row: R) => JsonObject,
): { item: string; recents: (world: World, since: string) => Recent[] } {
  return {
    item,
    recents: (world, since) =>
      rows(world)
        .filter((row) => row.update_time > since)
        .map((row) => ({ item, id: row.id, time: row.update_time, data: () => view(world, row) })),
  };
}

/** What is told of, one line a kind of record. */
const kinds = [
  kind('activity', ({ db }) => db.activities.all(), activityV1),
  kind(
    'activityType',
    ({ db }) => db.activityTypes.all(),
    (_, type) => activityTypeV1(type),
  ),
  kind('deal', (world) => visibleDeals(world, world.db.deals.all()), dealV1),
  kind('file', ({ db }) => db.files.all(), fileV1),
  kind(
    'filter',
    (world) => world.db.filters.all().filter((filter) => isVisible(world, filter)),
    (_, filter) => filterV1(filter),
  ),
  kind('note', ({ db }) => db.notes.all(), noteV1),
  kind('person', ({ db }) => db.persons.all(), personV1),
  kind('organization', ({ db }) => db.organizations.all(), organizationV1),
  kind(
    'pipeline',
    (world) => world.db.pipelines.all().filter(({ id }) => seesPipeline(world, id)),
    (_, pipeline) => pipelineV1(pipeline),
  ),
  kind('product', ({ db }) => db.products.all(), productV1),
  kind(
    'stage',
    (world) => world.db.stages.all().filter((stage) => seesPipeline(world, stage.pipeline_id)),
    ({ db, company }, stage) => stageV1(company.id, stage, db.pipelines.get(stage.pipeline_id)),
  ),
  kind<User & Dated>(
    'user',
    ({ db }) => db.users.all().map((user) => ({ ...user, update_time: user.modified })),
    userView,
  ),
];

export const routes: Route[] = [
  route('GET /v1/recents', {
    cost: 20,
    query: z.object({ ...startLimit, since_timestamp: field.dateTime, items: param.csv }),
    handle(world, { query }) {
      const { since_timestamp: since, items } = query;
      if (since < monthAgo(world)) throw invalid('since_timestamp cannot be more than one month in the past');
      const recents = kinds
        .filter(({ item }) => !items || items.includes(item))
        .flatMap((one) => one.recents(world, since))
        .sort((a, b) => inTime(a.time, b.time));
      return startReply(
        recents,
        query,
        ({ item, id, data }) => ({ item, id, data: data() }),
        (page) => ({
          additional_data: {
            since_timestamp: v1Time(since),
            last_timestamp_on_page: v1Time(page.at(-1)?.time ?? recents.at(-1)?.time ?? since),
          },
        }),
      );
    },
  }),
];

/** The API looks back one month at most (changelog of December 2024). */
function monthAgo({ clock }: World): string {
  const then = clock.now();
  then.setUTCMonth(then.getUTCMonth() - 1);
  return rfc3339(then);
}
