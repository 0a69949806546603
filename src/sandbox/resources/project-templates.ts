import { z } from 'zod/v3';
import { v1IsoTime, v1MsTime } from '../clock.ts';
import type { JsonObject } from '../json.ts';
import type { ProjectTemplate } from '../model.ts';
import { cursorReply } from '../page.ts';
import { paging } from '../parameters.ts';
import { type Route, route, whole } from '../route.ts';
import { live, type World } from '../world.ts';

type Template = ProjectTemplate;
type Time = (stamp: string) => string;

const listQuery = z.object(paging);

/** Templates are made in the web app; the API only reads them. */
export const routes: Route[] = (
  [
    ['v2', 10, 1, v1IsoTime],
    ['v1', 20, 2, v1MsTime],
  ] as const
).flatMap(([version, listCost, cost, time]) => [
  route(`GET /${version}/projectTemplates`, {
    cost: listCost,
    query: listQuery,
    handle: ({ db }, { query }) =>
      cursorReply(db.projectTemplates.where('is_deleted', false), query, (row) => view(row, time)),
  }),
  route(`GET /${version}/projectTemplates/{id}`, {
    cost,
    handle: (world, { int }) => whole(view(liveTemplate(world, int('id')), time)),
  }),
]);

function liveTemplate({ db }: World, id: number): Template {
  return live(db.projectTemplates, id, 'Project template');
}

function view({ tasks: _, is_deleted: __, delete_time: ___, ...row }: Template, time: Time): JsonObject {
  return { ...row, add_time: time(row.add_time), update_time: time(row.update_time) };
}
