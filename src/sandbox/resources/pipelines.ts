import { z } from 'zod/v3';
import { invalid, notFound } from '../error.ts';
import type { JsonObject } from '../json.ts';
import type { Pipeline } from '../model.ts';
import { cursorReply } from '../page.ts';
import { field, listing } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import { seesPipeline, visiblePipelines } from '../visibility.ts';
import { deletion, live, type World } from '../world.ts';

/** Changes as far as they are given: what is left out of a PATCH stays. */
const body = z.object({ name: field.filled, is_deal_probability_enabled: z.boolean() }).strict();

export const routes: Route[] = [
  route('GET /v2/pipelines', {
    cost: 5,
    query: z.object(listing(['id', 'update_time', 'add_time'])),
    handle(world, { query }) {
      const visible = visiblePipelines(world);
      return cursorReply(
        world.db.pipelines.all().filter(({ id }) => visible.has(id)),
        query,
        view,
      );
    },
  }),
  route('GET /v2/pipelines/{id}', {
    cost: 1,
    handle: (world, call) => ok(view(livePipeline(world, call.int('id')))),
  }),
  route('POST /v2/pipelines', {
    cost: 5,
    body: body.partial({ is_deal_probability_enabled: true }),
    handle({ db, clock }, { body: { name, is_deal_probability_enabled = false } }) {
      const now = clock.stamp();
      const order_nr = Math.max(0, ...db.pipelines.all().map((row) => row.order_nr)) + 1;
      return ok(
        view(
          db.pipelines.insert({
            id: db.pipelines.nextId(),
            name,
            order_nr,
            is_deal_probability_enabled,
            is_deleted: false,
            delete_time: null,
            add_time: now,
            update_time: now,
          }),
        ),
      );
    },
  }),
  route('PATCH /v2/pipelines/{id}', {
    cost: 5,
    body: body.partial(),
    handle(world, call) {
      const pipeline = livePipeline(world, call.int('id'));
      return ok(view(world.db.pipelines.patch(pipeline, { ...call.body, update_time: world.clock.stamp() })));
    },
  }),
  route('DELETE /v2/pipelines/{id}', {
    cost: 3,
    handle(world, call) {
      const pipeline = livePipeline(world, call.int('id'));
      if (visiblePipelines(world).size === 1) {
        throw invalid('The last visible pipeline cannot be deleted');
      }
      const { pipelines, stages } = world.db;
      pipelines.patch(pipeline, deletion(world));
      for (const stage of stages.matching({ pipeline_id: pipeline.id, is_deleted: false })) {
        stages.patch(stage, deletion(world));
      }
      return ok({ id: pipeline.id });
    },
  }),
];

/** The pipeline of that id, 404 where it is unknown, deleted or hidden from the caller. */
export function livePipeline(world: World, id: number): Pipeline {
  if (!seesPipeline(world, id)) throw notFound('Pipeline');
  return live(world.db.pipelines, id, 'Pipeline');
}

function view({ delete_time: _, ...row }: Pipeline): JsonObject {
  return row;
}
