import { randomUUID } from 'node:crypto';
import { z } from 'zod/v3';
import { v1IsoTime } from '../clock.ts';
import { ApiError, invalid } from '../error.ts';
import type { JsonObject } from '../json.ts';
import type { LeadLabel } from '../model.ts';
import { listReply } from '../page.ts';
import { field } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import type { World } from '../world.ts';

const body = z.object({
  name: field.name,
  color: z.enum(['blue', 'brown', 'dark-gray', 'gray', 'green', 'orange', 'pink', 'purple', 'red', 'yellow']),
});

export const routes: Route[] = [
  route('GET /v1/leadLabels', {
    cost: 10,
    handle: ({ db }) => listReply(db.leadLabels.all().map(view)),
  }),
  route('POST /v1/leadLabels', {
    cost: 10,
    body,
    handle({ db, clock }, { body: { name, color } }) {
      const now = clock.stamp();
      return ok(view(db.leadLabels.insert({ id: randomUUID(), name, color, add_time: now, update_time: now })));
    },
  }),
  route('PATCH /v1/leadLabels/{id}', {
    cost: 10,
    body: body.partial(),
    handle(world, { text, body }) {
      const label = knownLabel(world, text('id'));
      return ok(view(world.db.leadLabels.patch(label, { ...body, update_time: world.clock.stamp() })));
    },
  }),
  route('DELETE /v1/leadLabels/{id}', {
    cost: 6,
    handle(world, { text }) {
      const { leadLabels, leads } = world.db;
      const label = knownLabel(world, text('id'));
      for (const lead of leads.all()) {
        if (!lead.label_ids.includes(label.id)) continue;
        leads.patch(lead, { label_ids: lead.label_ids.filter((id) => id !== label.id) });
      }
      leadLabels.remove(label);
      return ok({ id: label.id });
    },
  }),
];

/** 400 for an id that is no lead label. */
export function checkLeadLabels({ db }: World, ids: readonly string[]): void {
  const unknown = ids.find((id) => !db.leadLabels.get(id));
  if (unknown !== undefined) throw invalid(`Lead label ${unknown} not found`);
}

function knownLabel({ db }: World, id: string): LeadLabel {
  const label = db.leadLabels.get(id);
  if (!label) throw new ApiError(404, 'requested lead label not found', { error_info: 'Object was not found.' });
  return label;
}

function view(label: LeadLabel): JsonObject {
  return { ...label, add_time: v1IsoTime(label.add_time), update_time: v1IsoTime(label.update_time) };
}
