import { z } from 'zod/v3';
import { v1Time } from '../clock.ts';
import { invalid, notFound } from '../error.ts';
import type { JsonObject } from '../json.ts';
import { checkLinks } from '../links.ts';
import type { Relationship } from '../model.ts';
import { startReply } from '../page.ts';
import { loose, param } from '../parameters.ts';
import { obstacle, relationshipsOf } from '../relationships.ts';
import { ok, type Reply, type Route, route } from '../route.ts';
import { organizationRef, relatedContacts } from '../views/contact.ts';
import type { World } from '../world.ts';
import { liveOrganization } from './organizations.ts';

const body = z.object({
  org_id: loose.id.optional(),
  type: z.enum(['parent', 'related']),
  rel_owner_org_id: loose.id,
  rel_linked_org_id: loose.id,
});

export const routes: Route[] = [
  route('GET /v1/organizationRelationships', {
    cost: 20,
    query: z.object({ org_id: param.int.unwrap() }),
    handle(world, { query }) {
      const { id } = liveOrganization(world, query.org_id);
      // The whole list comes at once, with the paging of a list that does not.
      const rows = relationshipsOf(world, id);
      return startReply(
        rows,
        { start: 0, limit: Math.max(100, rows.length) },
        (row) => ({
          related_organization_name: world.db.organizations.get(other(row, id))?.name ?? '',
          ...view(world, row, id),
        }),
        () => ({ related_objects: related(world, rows) }),
      );
    },
  }),
  route('GET /v1/organizationRelationships/{id}', {
    cost: 2,
    query: z.object({ org_id: param.int }),
    handle(world, { query, int }) {
      const row = liveRelationship(world, int('id'));
      return reply(world, row, query.org_id ?? row.rel_owner_org_id);
    },
  }),
  route('POST /v1/organizationRelationships', {
    cost: 10,
    body,
    handle(world, { body: { org_id, ...ends } }) {
      const { organizationRelationships: table } = world.db;
      check(world, ends);
      const now = world.clock.stamp();
      return reply(world, table.insert({ id: table.nextId(), ...ends, add_time: now, update_time: now }), org_id);
    },
  }),
  route('PUT /v1/organizationRelationships/{id}', {
    cost: 10,
    body: body.partial(),
    handle(world, { body: { org_id, ...given }, int }) {
      const row = liveRelationship(world, int('id'));
      const {
        type = row.type,
        rel_owner_org_id = row.rel_owner_org_id,
        rel_linked_org_id = row.rel_linked_org_id,
      } = given;
      check(world, { type, rel_owner_org_id, rel_linked_org_id }, row);
      world.db.organizationRelationships.patch(row, { ...given, update_time: world.clock.stamp() });
      return reply(world, row, org_id);
    },
  }),
  route('DELETE /v1/organizationRelationships/{id}', {
    cost: 6,
    handle(world, { int }) {
      const row = liveRelationship(world, int('id'));
      world.db.organizationRelationships.remove(row);
      return ok({ id: row.id });
    },
  }),
];

function liveRelationship({ db }: World, id: number): Relationship {
  const row = db.organizationRelationships.get(id);
  if (!row) throw notFound('Organization relationship');
  return row;
}

function check(world: World, ends: Parameters<typeof obstacle>[1], but?: Relationship): void {
  checkLinks(world, { org_id: ends.rel_owner_org_id });
  checkLinks(world, { org_id: ends.rel_linked_org_id });
  const problem = obstacle(world, ends, but);
  if (problem !== undefined) throw invalid(problem);
}

function other(row: Relationship, id: number): number {
  return row.rel_owner_org_id === id ? row.rel_linked_org_id : row.rel_owner_org_id;
}

/** A relationship; with what it is as seen from the organization `from`, where that is one of the two. */
function view(world: World, row: Relationship, from: number | undefined): JsonObject {
  const isEnd = from === row.rel_owner_org_id || from === row.rel_linked_org_id;
  const daughter = from === row.rel_owner_org_id ? 'daughter' : 'parent';
  return {
    id: row.id,
    type: row.type,
    rel_owner_org_id: organizationRef(world, row.rel_owner_org_id),
    rel_linked_org_id: organizationRef(world, row.rel_linked_org_id),
    add_time: v1Time(row.add_time),
    update_time: v1Time(row.update_time),
    active_flag: 'true',
    ...(isEnd
      ? {
          calculated_type: row.type === 'related' ? 'related' : daughter,
          calculated_related_org_id: other(row, from),
        }
      : {}),
  };
}

function related(world: World, rows: readonly Relationship[]): JsonObject {
  return relatedContacts(world, {
    organizations: rows.flatMap((row) => [row.rel_owner_org_id, row.rel_linked_org_id]),
  });
}

function reply(world: World, row: Relationship, from: number | undefined): Reply {
  const data = view(world, row, from);
  return { status: 200, body: { success: true, data, related_objects: related(world, [row]) } };
}
