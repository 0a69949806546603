import { id, input, page } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** A person who takes part in a deal; the deal's own contact person is one. */
const participant = entity({
  name: 'deal_participant',
  plural: 'deal_participants',
  columns: [
    'id',
    { name: 'person', from: 'person_id', as: 'named' },
    { name: 'email', from: 'person_id.email', as: 'contacts' },
    { name: 'phone', from: 'person_id.phone', as: 'contacts' },
    { name: 'organization', from: 'person.org_name' },
    { name: 'added', from: 'add_time', as: 'day' },
  ],
  // The whole person again, and the deal that was asked for.
  hidden: ['person', 'active_flag', 'related_item_data', 'related_item_type', 'related_item_id'],
});

const participantChange = entity({
  name: 'participant_change',
  plural: 'participant_changes',
  columns: [
    'time',
    'action',
    { name: 'person', from: 'person_id' },
    { name: 'by', from: 'actor_user_id', kind: 'user' },
  ],
  times: ['time'],
});

const deal = { deal_id: id.describe('The deal') };

export const participants = [
  operation({
    name: 'list_deal_participants',
    title: 'List deal participants',
    summary: 'Persons who take part in a deal, its contact person among them.',
    kind: 'read',
    toolset: 'deals',
    endpoint: 'GET /api/v1/deals/{id}/participants',
    cost: 10,
    input: input({ ...deal, ...page() }),
    path: { id: 'deal_id' },
    paging: 'start',
    entity: participant,
  }),
  operation({
    name: 'add_deal_participant',
    title: 'Add deal participant',
    summary: 'Let one more person take part in a deal.',
    kind: 'create',
    toolset: 'deals',
    endpoint: 'POST /api/v1/deals/{id}/participants',
    cost: 10,
    input: input({ ...deal, person_id: id.describe('The person') }),
    path: { id: 'deal_id' },
    entity: participant,
  }),
  operation({
    name: 'remove_deal_participant',
    title: 'Remove deal participant',
    summary: 'Take a person off the participants of a deal.',
    kind: 'delete',
    toolset: 'deals',
    endpoint: 'DELETE /api/v1/deals/{id}/participants/{deal_participant_id}',
    cost: 6,
    input: input({ ...deal, id: id.describe("Participant's id, not the person's") }),
    path: { id: 'deal_id', deal_participant_id: 'id' },
    entity: participant,
  }),
  operation({
    name: 'list_deal_participant_changelog',
    title: 'List deal participant changelog',
    summary: 'Who was added to the participants of a deal or removed, when and by whom.',
    kind: 'read',
    toolset: 'history',
    endpoint: 'GET /api/v1/deals/{id}/participantsChangelog',
    cost: 10,
    input: input({ ...deal, ...page() }),
    path: { id: 'deal_id' },
    paging: 'cursor',
    entity: participantChange,
  }),
];
