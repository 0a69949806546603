import { z } from 'zod/v3';
import { v1Time } from '../clock.ts';
import { v1FieldKey } from '../fields/builtin.ts';
import { checkConditions, conditionsBody } from '../filters/conditions.ts';
import { fieldOf, isVisible, visibleFilter } from '../filters/filter.ts';
import { helpers } from '../filters/helpers.ts';
import type { JsonObject } from '../json.ts';
import type { Filter } from '../model.ts';
import { filterType } from '../models/filters.ts';
import { listReply } from '../page.ts';
import { field, param } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import type { World } from '../world.ts';

const name = field.name;
const view = z.object({ include_field_code: param.bool });

export const routes: Route[] = [
  route('GET /v1/filters', {
    cost: 20,
    query: z.object({ type: filterType.optional() }),
    handle(world, { query: { type } }) {
      const found = world.db.filters
        .where('active_flag', true)
        .filter((filter) => (type === undefined || filter.type === type) && isVisible(world, filter));
      return listReply(found.map(filterV1));
    },
  }),
  route('GET /v1/filters/helpers', { cost: 20, handle: () => ok(helpers) }),
  route('GET /v1/filters/{id}', {
    cost: 2,
    query: view,
    handle: (world, { int, query }) => ok(whole(world, visibleFilter(world, int('id')), query)),
  }),
  route('POST /v1/filters', {
    cost: 10,
    query: view,
    body: z.object({ name, type: filterType, conditions: conditionsBody }),
    handle(world, { body: { name, type, conditions }, query }) {
      const { db, clock } = world;
      const now = clock.stamp();
      const filter = db.filters.insert({
        id: db.filters.nextId(),
        name,
        type,
        conditions: checkConditions(world, type, conditions),
        user_id: world.me().id,
        visible_to: '1',
        active_flag: true,
        add_time: now,
        update_time: now,
      });
      return ok(whole(world, filter, query));
    },
  }),
  route('PUT /v1/filters/{id}', {
    cost: 10,
    query: view,
    body: z.object({ name: name.optional(), conditions: conditionsBody.optional() }),
    handle(world, { body, int, query }) {
      const filter = visibleFilter(world, int('id'));
      world.db.filters.patch(filter, {
        name: body.name,
        conditions: body.conditions && checkConditions(world, filter.type, body.conditions),
        update_time: world.clock.stamp(),
      });
      return ok(whole(world, filter, query));
    },
  }),
  route('DELETE /v1/filters/{id}', {
    cost: 6,
    handle(world, { int }) {
      const filter = visibleFilter(world, int('id'));
      remove(world, filter);
      return ok({ id: filter.id });
    },
  }),
  route('DELETE /v1/filters', {
    cost: 10,
    query: z.object({ ids: param.ids.unwrap() }),
    handle(world, { query: { ids } }) {
      const { filters } = world.db;
      const found = ids
        .flatMap((id) => filters.get(id) ?? [])
        .filter((one) => one.active_flag && isVisible(world, one));
      for (const filter of found) remove(world, filter);
      return ok({ id: found.map(({ id }) => id) });
    },
  }),
];

/** A deleted filter is kept, and none of its uses finds it. */
function remove({ db, clock }: World, filter: Filter): void {
  db.filters.patch(filter, { active_flag: false, update_time: clock.stamp() });
}

/** A filter as v1 lists it, without its conditions. */
export function filterV1({ conditions: _, add_time, update_time, ...filter }: Filter): JsonObject {
  return {
    ...filter,
    filter_code: null,
    // The token is that of an administrator, who may edit every filter that is visible.
    is_editable: true,
    temporary_flag: false,
    add_time: v1Time(add_time),
    update_time: v1Time(update_time),
    last_used_time: null,
    custom_view_id: null,
  };
}

function whole(world: World, filter: Filter, { include_field_code }: z.output<typeof view>): JsonObject {
  const groups = filter.conditions.conditions.map(({ glue, conditions }) => ({
    glue,
    conditions: conditions.map((condition) => {
      const shown = { ...condition, json_value_flag: false };
      if (!include_field_code) return shown;
      const found = fieldOf(world, condition);
      const own = /^\d+$/.test(condition.field_id) ? null : condition.field_id;
      return { ...shown, field_code: found ? v1FieldKey(found) : own };
    }),
  }));
  return { ...filterV1(filter), conditions: { glue: filter.conditions.glue, conditions: groups } };
}
