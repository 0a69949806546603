import { z } from 'zod/v3';
import { address } from '../address.ts';
import { ofOrganization } from '../derived.ts';
import { listed } from '../filters/filter.ts';
import type { JsonObject } from '../json.ts';
import type { Organization } from '../model.ts';
import { cursorReply } from '../page.ts';
import { field } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import { deletion, live, type World } from '../world.ts';
import {
  listQuery,
  newRecord,
  recordBody,
  recordChanges,
  recordCustomFields,
  recordExtras,
  viewQuery,
} from './records.ts';

const whole = z.number().int();

const body = z
  .object({
    ...recordBody,
    name: field.name,
    address: address.nullish(),
    website: field.line.nullish(),
    linkedin: field.line.nullish(),
    industry: whole.nullish(),
    annual_revenue: whole.nullish(),
    employee_count: whole.nullish(),
  })
  .strict();

const view = viewQuery(ofOrganization);

export const routes: Route[] = [
  route('GET /v2/organizations', {
    cost: 10,
    query: listQuery(ofOrganization),
    handle(world, { query }) {
      const { owner_id } = query;
      const found = listed(world, 'org', world.db.organizations, query, { is_deleted: false }, { owner_id });
      return cursorReply(found, query, (row) => organizationV2(world, row, query));
    },
  }),
  route('GET /v2/organizations/{id}', {
    cost: 1,
    query: view,
    handle: (world, call) => ok(organizationV2(world, liveOrganization(world, call.int('id')), call.query)),
  }),
  route('POST /v2/organizations', {
    cost: 5,
    body: body.extend({ add_time: field.dateTime.optional() }),
    handle(world, { body: { add_time, ...given } }) {
      const { organizations } = world.db;
      const blank = {
        ...newRecord(world, 'organization', add_time),
        name: given.name,
        address: null,
        website: null,
        linkedin: null,
        industry: null,
        annual_revenue: null,
        employee_count: null,
      };
      const changes = { ...given, ...recordChanges(world, 'organization', {}, given) };
      const organization = organizations.patch(organizations.insert({ id: organizations.nextId(), ...blank }), changes);
      return ok(organizationV2(world, organization, {}));
    },
  }),
  route('PATCH /v2/organizations/{id}', {
    cost: 5,
    body: body.partial(),
    handle(world, call) {
      const organization = liveOrganization(world, call.int('id'));
      const changes = recordChanges(world, 'organization', organization.custom_fields, call.body);
      world.db.organizations.patch(organization, { ...call.body, ...changes });
      return ok(organizationV2(world, organization, {}));
    },
  }),
  route('DELETE /v2/organizations/{id}', {
    cost: 3,
    handle(world, call) {
      const organization = liveOrganization(world, call.int('id'));
      world.db.organizations.patch(organization, deletion(world));
      return ok({ id: organization.id });
    },
  }),
];

/** The organization of that id, 404 where it is unknown or deleted. */
export function liveOrganization({ db }: World, id: number): Organization {
  return live(db.organizations, id, 'Organization');
}

function organizationV2(world: World, organization: Organization, options: z.output<typeof view>): JsonObject {
  const { delete_time: _, ...row } = organization;
  const custom_fields = recordCustomFields(world, 'organization', organization, options);
  return { ...row, custom_fields, ...recordExtras(world, 'organization', organization, ofOrganization, options) };
}
