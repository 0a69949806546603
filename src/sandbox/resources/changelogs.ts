import { z } from 'zod/v3';
import { v1Time } from '../clock.ts';
import { changesOf } from '../history.ts';
import type { Json } from '../json.ts';
import { cursorReply } from '../page.ts';
import { limit } from '../parameters.ts';
import { type Route, route } from '../route.ts';
import { liveDeal } from './deals.ts';
import { liveOrganization } from './organizations.ts';
import { livePerson } from './persons.ts';

/** What has a changelog in v1: its path and who answers 404 for it. */
export const logged = [
  { entity: 'deal', path: 'deals', live: liveDeal },
  { entity: 'person', path: 'persons', live: livePerson },
  { entity: 'organization', path: 'organizations', live: liveOrganization },
] as const;

export const routes: Route[] = logged.map(({ entity, path, live }) =>
  route(`GET /v1/${path}/{id}/changelog`, {
    cost: 20,
    query: z.object({ limit: limit(500), cursor: z.string().optional() }),
    handle(world, call) {
      const { id } = live(world, call.int('id'));
      return cursorReply(
        changesOf(world, entity, id),
        { ...call.query, sort_by: 'time', sort_direction: 'desc' },
        (change) => change.time,
        (change) => ({
          field_key: change.field_key,
          old_value: text(change.old_value),
          new_value: text(change.new_value),
          actor_user_id: change.user_id,
          time: v1Time(change.time),
          change_source: change.change_source,
          change_source_user_agent: null,
          is_bulk_update_flag: false,
        }),
      );
    },
  }),
);

/** Changelogs tell every value as text. */
function text(value: Json): Json {
  return value === null || typeof value === 'string' ? value : JSON.stringify(value);
}
