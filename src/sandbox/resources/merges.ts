import { randomUUID } from 'node:crypto';
import { z } from 'zod/v3';
import { invalid } from '../error.ts';
import { mergeEmptyFields, moveLinks } from '../merging.ts';
import { loose } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import { personV1 } from '../views/contact.ts';
import { dealV1 } from '../views/deal.ts';
import { deletion, type World } from '../world.ts';
import { editableDeal, insertDeal, liveDeal } from './deals.ts';
import { liveOrganization } from './organizations.ts';
import { livePerson } from './persons.ts';

const body = z.object({ merge_with_id: loose.id });

export const routes: Route[] = [
  route('PUT /v1/deals/{id}/merge', {
    cost: 40,
    body,
    handle(world, { int, body }) {
      const [from, to] = pair(world, int('id'), body.merge_with_id, editableDeal);
      begin(world, 'deal', from.id, to.id);
      const { deals } = world.db;
      const lostReason = to.status === 'lost' && to.lost_reason === null ? from.lost_reason : undefined;
      const hasValue = to.value !== 0 || world.db.dealProducts.where('deal_id', to.id).length > 0;
      const worth = hasValue ? {} : { value: from.value, currency: from.currency };
      const filled = mergeEmptyFields(to, from, dealFields);
      deals.patch(from, deletion(world));
      deals.patch(to, { ...filled, ...worth, lost_reason: lostReason, update_time: world.clock.stamp() });
      moveLinks(world, 'deal', from.id, to.id);
      return ok({ ...dealV1(world, to), merge_what_id: from.id });
    },
  }),
  route('PUT /v1/persons/{id}/merge', {
    cost: 40,
    body,
    handle(world, { int, body }) {
      const [from, to] = pair(world, int('id'), body.merge_with_id, livePerson);
      begin(world, 'person', from.id, to.id);
      const filled = mergeEmptyFields(to, from, personFields);
      world.db.persons.patch(from, deletion(world));
      world.db.persons.patch(to, { ...filled, update_time: world.clock.stamp() });
      moveLinks(world, 'person', from.id, to.id);
      return ok({ ...personV1(world, to), merge_what_id: from.id });
    },
  }),
  route('PUT /v1/organizations/{id}/merge', {
    cost: 40,
    body,
    handle(world, { int, body }) {
      const [from, to] = pair(world, int('id'), body.merge_with_id, liveOrganization);
      begin(world, 'organization', from.id, to.id);
      const filled = mergeEmptyFields(to, from, organizationFields);
      world.db.organizations.patch(from, deletion(world));
      world.db.organizations.patch(to, { ...filled, update_time: world.clock.stamp() });
      moveLinks(world, 'organization', from.id, to.id);
      return ok({ id: to.id });
    },
  }),
  route('POST /v1/deals/{id}/duplicate', {
    cost: 10,
    handle(world, { int }) {
      const { db, clock } = world;
      const deal = editableDeal(world, int('id'));
      const { id: _, add_time: __, update_time: ___, creator_user_id: ____, source_lead_id: _____, ...copied } = deal;
      const { id: deal_id } = insertDeal(world, { ...structuredClone(copied), stage_change_time: null });
      const now = clock.stamp();
      for (const row of db.dealProducts.where('deal_id', deal.id)) {
        db.dealProducts.insert({ ...row, id: db.dealProducts.nextId(), deal_id, add_time: now, update_time: now });
      }
      for (const row of db.discounts.where('deal_id', deal.id)) {
        db.discounts.insert({ ...row, id: randomUUID(), deal_id, created_at: now, updated_at: now });
      }
      for (const row of db.installments.where('deal_id', deal.id)) {
        db.installments.insert({ ...row, id: db.installments.nextId(), deal_id });
      }
      return ok(dealV1(world, liveDeal(world, deal_id)));
    },
  }),
];

/** What a survivor takes from the other where its own is empty. */
const dealFields = [
  'person_id',
  'org_id',
  'probability',
  'expected_close_date',
  'label_ids',
  'channel',
  'channel_id',
  'origin_id',
  'source_lead_id',
  'custom_fields',
] as const;
const personFields = ['org_id', 'emails', 'phones', 'picture_id', 'label_ids', 'custom_fields'] as const;
const organizationFields = [
  'address',
  'website',
  'linkedin',
  'industry',
  'annual_revenue',
  'employee_count',
  'label_ids',
  'custom_fields',
] as const;

/** The record that goes and the one that stays; 404 where either is unknown or deleted. */
function pair<R>(world: World, from: number, to: number, live: (world: World, id: number) => R): readonly [R, R] {
  if (from === to) throw invalid('A record cannot be merged with itself');
  return [live(world, from), live(world, to)];
}

/** Notes what is merged before anything changes, so that who hears of the changes can tell what they come from. */
function begin({ db, clock }: World, entity: 'deal' | 'person' | 'organization', from_id: number, to_id: number): void {
  db.merges.insert({ id: db.merges.nextId(), entity, from_id, to_id, time: clock.stamp() });
}
