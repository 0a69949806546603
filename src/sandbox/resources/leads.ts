import { randomUUID } from 'node:crypto';
import { z } from 'zod/v3';
import { inTime, v1IsoTime } from '../clock.ts';
import { nextActivity } from '../derived.ts';
import { ApiError, invalid, schemaError } from '../error.ts';
import { optionsOf } from '../fields/active.ts';
import { customFieldsV1, writeCustomFieldsV1 } from '../fields/custom.ts';
import { listed } from '../filters/filter.ts';
import { type JsonObject, json } from '../json.ts';
import { checkLinks } from '../links.ts';
import type { Lead } from '../model.ts';
import { isCurrency } from '../money.ts';
import { column, startReply, v1Sort } from '../page.ts';
import { field, param, startLimit } from '../parameters.ts';
import { created, ok, type Reply, type Route, route } from '../route.ts';
import type { Changes } from '../table.ts';
import { checkVisibility, defaultVisibility } from '../visibility.ts';
import { deletion, type World } from '../world.ts';
import { checkLeadLabels } from './lead-labels.ts';
import { activeUser } from './users.ts';

const newLead = z.object({
  title: field.filled,
  owner_id: field.id.optional(),
  label_ids: z.array(z.string()).optional(),
  person_id: field.id.nullish(),
  organization_id: field.id.nullish(),
  value: z.object({ amount: field.amount, currency: z.string() }).nullish(),
  expected_close_date: field.date.nullish(),
  visible_to: z.enum(['1', '3', '5', '7']).optional(),
  was_seen: z.boolean().optional(),
  origin_id: field.line.nullish(),
  channel: z.number().int().nullish(),
  channel_id: field.line.nullish(),
});
/** Its other keys are custom fields. */
const postBody = newLead.catchall(json);
const patchBody = newLead
  .omit({ origin_id: true })
  .extend({ title: newLead.shape.title.nullish(), is_archived: z.boolean().optional() })
  .catchall(json);

const archivedQuery = z.object({
  ...startLimit,
  owner_id: param.int,
  person_id: param.int,
  organization_id: param.int,
  filter_id: param.int,
  sort: param.text,
});
const listQuery = archivedQuery.extend({ updated_since: field.dateTime.optional() });

export const routes: Route[] = [
  route('GET /v1/leads', {
    cost: 20,
    query: listQuery,
    handle: (world, { query }) => list(world, query, false),
  }),
  route('GET /v1/leads/archived', {
    cost: 40,
    query: archivedQuery,
    handle: (world, { query }) => list(world, query, true),
  }),
  route('GET /v1/leads/{id}', {
    cost: 2,
    handle: (world, { text }) => ok(leadV1(world, liveLead(world, text('id')))),
  }),
  route('POST /v1/leads', {
    cost: 10,
    body: postBody,
    handle(world, { body }) {
      const { title, origin_id } = body;
      return created(leadV1(world, insertLead(world, { ...changesOf(world, body), title, origin_id })));
    },
  }),
  route('PATCH /v1/leads/{id}', {
    cost: 10,
    body: patchBody,
    handle(world, { body, text }) {
      const { db, clock } = world;
      const lead = liveLead(world, text('id'));
      const { is_archived } = body;
      if (lead.is_archived && is_archived !== false) throw invalid('Lead is archived and cannot be edited');
      const now = clock.stamp();
      const archiving = { is_archived, archive_time: is_archived === undefined ? undefined : is_archived ? now : null };
      db.leads.patch(lead, { ...changesOf(world, body, lead), ...archiving, update_time: now });
      return ok(leadV1(world, lead));
    },
  }),
  route('DELETE /v1/leads/{id}', {
    cost: 6,
    handle(world, { text }) {
      const lead = liveLead(world, text('id'));
      world.db.leads.patch(lead, deletion(world));
      return ok({ id: lead.id });
    },
  }),
];

/** The lead of that UUID, archived or not; 404 in the leads' own words where it is unknown or deleted. */
export function liveLead({ db }: World, id: string): Lead {
  const lead = db.leads.get(id);
  if (!lead || lead.is_deleted) {
    throw new ApiError(404, 'requested lead not found', { error_info: 'Object was not found.' });
  }
  return lead;
}

/**
 * Stores a new lead with the defaults of POST /leads: owned by the caller, not archived, of source and origin `API`, or
 * of source `Deal` where it was one. Links are not checked.
 */
export function insertLead(world: World, input: Changes<Lead> & { title: string }): Lead {
  const { db, clock } = world;
  const me = world.me();
  const now = clock.stamp();
  const lead = db.leads.insert({
    id: randomUUID(),
    title: input.title,
    owner_id: me.id,
    creator_id: me.id,
    label_ids: [],
    person_id: null,
    organization_id: null,
    source_name: typeof input.source_deal_id === 'number' ? 'Deal' : 'API',
    origin: 'API',
    origin_id: null,
    channel: null,
    channel_id: null,
    source_deal_id: null,
    is_archived: false,
    archive_time: null,
    was_seen: false,
    value: null,
    expected_close_date: null,
    visible_to: defaultVisibility(world, 'lead'),
    custom_fields: {},
    is_deleted: false,
    delete_time: null,
    add_time: now,
    update_time: now,
  });
  return db.leads.patch(lead, input);
}

const sortable = [
  'id',
  'title',
  'owner_id',
  'creator_id',
  'was_seen',
  'expected_close_date',
  'next_activity_id',
  'add_time',
  'update_time',
] as const;

function list(world: World, query: z.output<typeof listQuery>, is_archived: boolean): Reply {
  const { owner_id, person_id, organization_id } = query;
  const always = { is_deleted: false, is_archived };
  const found = listed(world, 'leads', world.db.leads, query, always, { owner_id, person_id, organization_id });
  found.sort((a, b) => inTime(a.add_time, b.add_time));
  const sorted = v1Sort(found, query.sort, sortable, (lead, key) =>
    key === 'next_activity_id' ? (nextActivity(world, { lead_id: lead.id })?.id ?? null) : column(lead, key),
  );
  return startReply(sorted, query, (lead) => leadV1(world, lead));
}

/** What a body changes, of a new lead or of `lead`; 400 where it breaks a rule. */
function changesOf(world: World, body: z.output<typeof patchBody>, lead?: Lead): Changes<Lead> {
  const { owner_id, label_ids, value, visible_to, expected_close_date, was_seen, channel, channel_id } = body;
  const { person_id = lead?.person_id ?? null, organization_id = lead?.organization_id ?? null } = body;
  checkLinks(world, { person_id: body.person_id, org_id: body.organization_id });
  if (person_id === null && organization_id === null) {
    throw invalid('A lead must be linked to a person or an organization');
  }
  if (owner_id !== undefined) activeUser(world, owner_id);
  if (label_ids) checkLeadLabels(world, label_ids);
  if (value && !isCurrency(value.currency)) {
    throw schemaError('value.currency', `Currency '${value.currency}' does not exist`);
  }
  if (typeof channel === 'number') checkChannel(world, channel);
  return {
    title: body.title === null ? defaultTitle(world, person_id, organization_id) : body.title,
    owner_id,
    label_ids,
    person_id,
    organization_id,
    value,
    expected_close_date,
    visible_to: visible_to === undefined ? undefined : checkVisibility(world, Number(visible_to)),
    was_seen,
    channel,
    channel_id,
    custom_fields: writeCustomFieldsV1(world, 'deal', lead?.custom_fields ?? {}, z.record(json).parse(body)),
  };
}

/** The channels of an account are the options of the deals' field. */
function checkChannel(world: World, id: number): void {
  if (!optionsOf(world, 'deal', 'channel').some((option) => option.id === id)) throw invalid(`Channel ${id} not found`);
}

/** A lead whose title is unset is called after its contact, as Pipedrive's own form does. */
function defaultTitle({ db }: World, person_id: number | null, organization_id: number | null): string {
  const contact = db.persons.get(person_id ?? 0) ?? db.organizations.get(organization_id ?? 0);
  return contact ? `${contact.name} lead` : 'Lead';
}

function leadV1(world: World, lead: Lead): JsonObject {
  const { custom_fields, visible_to, add_time, update_time, is_deleted: _, delete_time: __, ...row } = lead;
  const { archive_time: ___, ...shown } = row;
  return {
    ...shown,
    next_activity_id: nextActivity(world, { lead_id: lead.id })?.id ?? null,
    add_time: v1IsoTime(add_time),
    update_time: v1IsoTime(update_time),
    visible_to: String(visible_to),
    cc_email: `${world.company.domain}+${world.company.id}+lead${shortId(lead.id)}@pipedrivemail.com`,
    ...customFieldsV1(world, 'deal', custom_fields),
  };
}

/** A UUID in 22 characters. */
function shortId(uuid: string): string {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex').toString('base64url');
}
