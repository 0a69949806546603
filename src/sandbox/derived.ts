import type { Json, JsonObject } from './json.ts';
import { linkKey } from './links.ts';
import { lastMailTime, messagesOf } from './mail.ts';
import type { Activity, Deal, Organization, Person } from './model.ts';
import type { Changes } from './table.ts';
import { visibleDeals } from './visibility.ts';
import type { World } from './world.ts';

/**
 * What is not kept of a record but worked out of others: what `include_fields` of v2 adds, each only when asked for. v1
 * shows the counts always, and filters can ask about all of it.
 */
export type Derived<R> = Readonly<Record<string, (world: World, row: R) => Json>>;

type Kind = keyof typeof messagesOf;

export const ofDeal: Derived<Deal> = {
  ...ofAny('deal'),
  first_won_time: (_, deal) => deal.first_won_time,
  products_count: ({ db }, { id }) => db.dealProducts.where('deal_id', id).length,
  participants_count: ({ db }, { id }) => db.participants.where('deal_id', id).length,
  ...mailTimes('deal'),
  smart_bcc_email: (world, { id }) => bccAddress(world, id),
  source_lead_id: (_, deal) => deal.source_lead_id,
};

export const ofPerson: Derived<Person> = {
  ...ofAny('person'),
  ...dealCounts('', ({ db }, { id }) => db.deals.where('person_id', id)),
  ...dealCounts('related_', ({ db }, { id, org_id }) =>
    org_id === null ? [] : db.deals.where('org_id', org_id).filter((deal) => deal.person_id !== id),
  ),
  ...dealCounts(
    'participant_',
    ({ db }, { id }) =>
      db.participants
        .where('person_id', id)
        .flatMap((row) => db.deals.get(row.deal_id) ?? [])
        .filter((deal) => deal.person_id !== id),
    ['open', 'closed'],
  ),
  ...mailTimes('person'),
  smart_bcc_email: (world) => bccAddress(world),
  marketing_status: (_, person) => person.marketing_status,
  // The sandbox keeps no double opt-in.
  doi_status: () => null,
};

export const ofOrganization: Derived<Organization> = {
  ...ofAny('organization'),
  ...dealCounts('', ({ db }, { id }) => db.deals.where('org_id', id)),
  ...dealCounts('related_', (world, row) =>
    people(world, row).flatMap(({ id }) =>
      world.db.deals.where('person_id', id).filter((deal) => deal.org_id !== row.id),
    ),
  ),
  people_count: (world, row) => people(world, row).length,
  smart_bcc_email: (world) => bccAddress(world),
};

function ofAny<R extends { id: number }>(kind: Kind): Derived<R> {
  const key = linkKey[kind];
  const activities = ({ db }: World, id: number) => db.activities.where(key, id).filter((row) => !row.is_deleted);
  return {
    next_activity_id: (world, { id }) => nextActivity(world, { [key]: id })?.id ?? null,
    last_activity_id: (world, { id }) => lastActivity(world, { [key]: id })?.id ?? null,
    activities_count: (world, { id }) => activities(world, id).length,
    done_activities_count: (world, { id }) => activities(world, id).filter(({ done }) => done).length,
    undone_activities_count: (world, { id }) => activities(world, id).filter(({ done }) => !done).length,
    notes_count: ({ db }, { id }) => db.notes.where(key, id).filter((note) => note.active_flag).length,
    files_count: ({ db }, { id }) => db.files.where(key, id).filter((file) => !file.is_deleted).length,
    followers_count: ({ db }, { id }) =>
      db.followers.where('record_id', id).filter((row) => row.entity === kind).length,
    email_messages_count: (world, { id }) => messagesOf[kind](world, id).length,
  };
}

function mailTimes<R extends { id: number }>(kind: Kind): Derived<R> {
  return {
    last_incoming_mail_time: (world, { id }) => lastMailTime(messagesOf[kind](world, id), 'incoming'),
    last_outgoing_mail_time: (world, { id }) => lastMailTime(messagesOf[kind](world, id), 'outgoing'),
  };
}

const states = {
  open: ({ status }: Deal) => status === 'open',
  closed: ({ status }: Deal) => status !== 'open',
  won: ({ status }: Deal) => status === 'won',
  lost: ({ status }: Deal) => status === 'lost',
};

/** Deals that the caller does not see, or that are deleted or archived, count nowhere. */
function dealCounts<R>(
  prefix: string,
  dealsOf: (world: World, row: R) => Deal[],
  names: readonly (keyof typeof states)[] = ['open', 'closed', 'won', 'lost'],
): Derived<R> {
  const count = (name: keyof typeof states) => (world: World, row: R) =>
    visibleDeals(world, dealsOf(world, row)).filter(
      (deal) => !deal.is_deleted && !deal.is_archived && states[name](deal),
    ).length;
  return Object.fromEntries(names.map((name) => [`${prefix}${name}_deals_count`, count(name)]));
}

function people({ db }: World, { id }: Organization): Person[] {
  return db.persons.where('org_id', id).filter((person) => !person.is_deleted);
}

/** The fields of these names, null where there is none of a name. */
export function derived<R>(from: Derived<R>, world: World, row: R, names: readonly string[] = []): JsonObject {
  return Object.fromEntries(names.map((name) => [name, from[name]?.(world, row) ?? null]));
}

export function counts<R>(from: Derived<R>, world: World, row: R): JsonObject {
  return derived(
    from,
    world,
    row,
    Object.keys(from).filter((name) => name.endsWith('_count')),
  );
}

/** The address to which a blind copy of a mail goes, so that it is filed: with a deal, or by who it is to. */
export function bccAddress({ company: { domain } }: World, dealId?: number): string {
  return dealId === undefined ? `${domain}@pipedrivemail.com` : `${domain}+deal${dealId}@pipedrivemail.com`;
}

type Of = Pick<Changes<Activity>, 'deal_id' | 'person_id' | 'org_id' | 'lead_id'>;

/** What is to be done next on a record: its earliest activity that has a due date and is not done. */
export function nextActivity({ db }: World, of: Of): Activity | undefined {
  const due = (row: Activity) => `${row.due_date} ${row.due_time ?? ''}`;
  return db.activities
    .matching({ ...of, is_deleted: false, done: false })
    .filter((row) => row.due_date !== null)
    .reduce<Activity | undefined>((first, row) => (first && due(first) <= due(row) ? first : row), undefined);
}

/** What was done last on a record, by the time at which it was marked as done. */
export function lastActivity({ db }: World, of: Of): Activity | undefined {
  const at = (row: Activity) => row.marked_as_done_time ?? '';
  return db.activities
    .matching({ ...of, is_deleted: false, done: true })
    .reduce<Activity | undefined>((last, row) => (last && at(last) > at(row) ? last : row), undefined);
}
