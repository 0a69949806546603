import type { Participant } from './model.ts';
import type { World } from './world.ts';

/** Keeps a deal's person among its participants from now on: whoever the person was before is one no longer. */
export function keepParticipants(world: World): void {
  world.db.deals.listen(({ action, row: { id, person_id: person, is_deleted }, previous }) => {
    // Of a deal that is gone, its participants stay as they were, or went over to the deal that it was merged into.
    if (action === 'delete' || is_deleted || (action === 'change' && !previous.has('person_id'))) return;
    const before = previous.get('person_id');
    const former = world.db.participants.where('deal_id', id).find((row) => row.person_id === before);
    if (former && former.person_id !== person) removeParticipant(world, former);
    if (person !== null) addParticipant(world, id, person);
  });
}

/** The participant that a person is on a deal, made where there is none; with its line in the changelog. */
export function addParticipant(world: World, deal_id: number, person_id: number): Participant {
  const { participants, participantChanges } = world.db;
  const known = participants.where('deal_id', deal_id).find((row) => row.person_id === person_id);
  if (known) return known;
  const time = world.clock.stamp();
  const actor_user_id = world.me().id;
  const change = { deal_id, person_id, actor_user_id, action: 'added', time } as const;
  participantChanges.insert({ id: participantChanges.nextId(), ...change });
  const made = { deal_id, person_id, added_by_user_id: actor_user_id, add_time: time };
  return participants.insert({ id: participants.nextId(), ...made });
}

export function removeParticipant(world: World, { id, deal_id, person_id }: Participant): void {
  const { participants, participantChanges } = world.db;
  const row = participants.get(id);
  if (row) participants.remove(row);
  const change = { deal_id, person_id, actor_user_id: world.me().id, action: 'removed' } as const;
  participantChanges.insert({ id: participantChanges.nextId(), ...change, time: world.clock.stamp() });
}
