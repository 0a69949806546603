import { z } from 'zod/v3';
import { invalid, notFound } from '../error.ts';
import type { JsonObject } from '../json.ts';
import type { Stage } from '../model.ts';
import { cursorReply } from '../page.ts';
import { field, listing, param } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import { seesPipeline, visiblePipelines } from '../visibility.ts';
import { deletion, live, type World } from '../world.ts';

const body = z
  .object({
    name: field.filled,
    pipeline_id: field.id,
    deal_probability: z.number().int().min(0).max(100),
    is_deal_rot_enabled: z.boolean(),
    days_to_rotten: z.number().int().positive(),
  })
  .strict();

export const routes: Route[] = [
  route('GET /v2/stages', {
    cost: 5,
    query: z.object({ ...listing(['id', 'update_time', 'add_time', 'order_nr']), pipeline_id: param.int }),
    handle(world, { query: { pipeline_id, ...page } }) {
      const visible = visiblePipelines(world);
      const stages = world.db.stages.matching({ pipeline_id, is_deleted: false });
      return cursorReply(
        stages.filter((stage) => visible.has(stage.pipeline_id)),
        page,
        view,
      );
    },
  }),
  route('GET /v2/stages/{id}', {
    cost: 1,
    handle: (world, call) => ok(view(liveStage(world, call.int('id')))),
  }),
  route('POST /v2/stages', {
    cost: 5,
    body: body.partial({ deal_probability: true, is_deal_rot_enabled: true, days_to_rotten: true }),
    handle(world, { body }) {
      checkPipeline(world, body.pipeline_id);
      const { db, clock } = world;
      const now = clock.stamp();
      const stage = db.stages.insert({
        id: db.stages.nextId(),
        name: body.name,
        pipeline_id: body.pipeline_id,
        order_nr: nextOrder(world, body.pipeline_id),
        deal_probability: body.deal_probability ?? 100,
        is_deal_rot_enabled: body.is_deal_rot_enabled ?? false,
        days_to_rotten: body.days_to_rotten ?? null,
        is_deleted: false,
        delete_time: null,
        add_time: now,
        update_time: now,
      });
      return ok(view(stage));
    },
  }),
  route('PATCH /v2/stages/{id}', {
    cost: 5,
    body: body.partial(),
    handle(world, { body, int }) {
      const stage = liveStage(world, int('id'));
      const moved = body.pipeline_id !== undefined && body.pipeline_id !== stage.pipeline_id ? body.pipeline_id : null;
      if (moved !== null) {
        checkPipeline(world, moved);
        world.db.deals.patchWhere('stage_id', stage.id, { pipeline_id: moved });
      }
      const order_nr = moved === null ? undefined : nextOrder(world, moved);
      return ok(view(world.db.stages.patch(stage, { ...body, order_nr, update_time: world.clock.stamp() })));
    },
  }),
  route('DELETE /v2/stages/{id}', {
    cost: 3,
    handle(world, call) {
      const stage = liveStage(world, call.int('id'));
      world.db.stages.patch(stage, deletion(world));
      return ok({ id: stage.id });
    },
  }),
];

/** The stage of that id, 404 where it is unknown, deleted or in a pipeline that is hidden from the caller. */
export function liveStage(world: World, id: number): Stage {
  const stage = live(world.db.stages, id, 'Stage');
  if (!seesPipeline(world, stage.pipeline_id)) throw notFound('Stage');
  return stage;
}

/** The stage where deals enter a pipeline; 400 where the pipeline has none. */
export function firstStage({ db }: World, pipelineId: number): Stage {
  const [first] = db.stages
    .matching({ pipeline_id: pipelineId, is_deleted: false })
    .sort((a, b) => a.order_nr - b.order_nr);
  if (!first) throw invalid(`Pipeline ${pipelineId} has no stages`);
  return first;
}

/** The stage that a body names; 400 where there is none for the caller. */
export function namedStage(world: World, id: number): Stage {
  const stage = world.db.stages.get(id);
  if (!stage || stage.is_deleted || !visiblePipelines(world).has(stage.pipeline_id)) {
    throw invalid(`Stage ${id} not found`);
  }
  return stage;
}

/** 400 for a pipeline that a body names and that does not exist for the caller. */
export function checkPipeline(world: World, id: number): void {
  if (!visiblePipelines(world).has(id)) throw invalid(`Pipeline ${id} not found`);
}

function nextOrder({ db }: World, pipelineId: number): number {
  return Math.max(0, ...db.stages.where('pipeline_id', pipelineId).map((stage) => stage.order_nr)) + 1;
}

function view({ delete_time: _, ...row }: Stage): JsonObject {
  return row;
}
