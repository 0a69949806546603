import { z } from 'zod/v3';
import { v1Time } from '../clock.ts';
import { invalid, notFound } from '../error.ts';
import type { JsonObject } from '../json.ts';
import { checkLinks } from '../links.ts';
import type { Participant } from '../model.ts';
import { cursorReply, startReply } from '../page.ts';
import { loose, paging, startLimit } from '../parameters.ts';
import { addParticipant, removeParticipant } from '../participants.ts';
import { ok, type Route, route } from '../route.ts';
import { organizationRef, personRef, personV1, relatedContacts, userRef } from '../views/contact.ts';
import type { World } from '../world.ts';
import { editableDeal, liveDeal } from './deals.ts';

export const routes: Route[] = [
  route('GET /v1/deals/{id}/participants', {
    cost: 10,
    query: z.object(startLimit),
    handle(world, { query, int }) {
      const rows = world.db.participants.where('deal_id', liveDeal(world, int('id')).id);
      return startReply(
        rows,
        query,
        (row) => participantV1(world, row),
        (page) => ({ related_objects: related(world, page) }),
      );
    },
  }),
  route('POST /v1/deals/{id}/participants', {
    cost: 10,
    body: z.object({ person_id: loose.id }),
    handle(world, { body: { person_id }, int }) {
      const deal = editableDeal(world, int('id'));
      checkLinks(world, { person_id });
      if (world.db.participants.where('deal_id', deal.id).some((row) => row.person_id === person_id)) {
        throw invalid(`Person ${person_id} is already a participant of this deal`);
      }
      const row = addParticipant(world, deal.id, person_id);
      const data = participantV1(world, row);
      return { status: 200, body: { success: true, data, related_objects: related(world, [row]) } };
    },
  }),
  route('DELETE /v1/deals/{id}/participants/{deal_participant_id}', {
    cost: 6,
    handle(world, { int }) {
      const deal = editableDeal(world, int('id'));
      const row = world.db.participants.get(int('deal_participant_id'));
      if (row?.deal_id !== deal.id) throw notFound('Participant');
      removeParticipant(world, row);
      // The deal's own person is its participant: it has no person then.
      if (deal.person_id === row.person_id) {
        world.db.deals.patch(deal, { person_id: null, update_time: world.clock.stamp() });
      }
      return ok({ id: row.id });
    },
  }),
  route('GET /v1/deals/{id}/participantsChangelog', {
    cost: 10,
    query: z.object(paging),
    handle: (world, { query, int }) =>
      cursorReply(
        world.db.participantChanges.where('deal_id', liveDeal(world, int('id')).id),
        query,
        ({ actor_user_id, person_id, action, time }) => ({ actor_user_id, person_id, action, time: v1Time(time) }),
      ),
  }),
];

function participantV1(world: World, { id, deal_id, person_id, added_by_user_id, add_time }: Participant): JsonObject {
  const person = world.db.persons.get(person_id);
  if (!person) throw new Error(`participant ${id} is person ${person_id}, who is not there`);
  return {
    id,
    person_id: personRef(world, person_id),
    add_time: v1Time(add_time),
    active_flag: true,
    related_item_data: { deal_id, title: world.db.deals.get(deal_id)?.title ?? '' },
    person: {
      ...personV1(world, person),
      owner_id: userRef(world, person.owner_id),
      org_id: organizationRef(world, person.org_id),
    },
    added_by_user_id: userRef(world, added_by_user_id),
    related_item_type: 'deal',
    related_item_id: deal_id,
  };
}

function related(world: World, rows: readonly Participant[]): JsonObject {
  const persons = rows.flatMap((row) => world.db.persons.get(row.person_id) ?? []);
  return relatedContacts(world, {
    users: [...rows.map((row) => row.added_by_user_id), ...persons.map((person) => person.owner_id)],
    persons: persons.map((person) => person.id),
    organizations: persons.map((person) => person.org_id),
  });
}
