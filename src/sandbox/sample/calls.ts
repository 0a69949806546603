import type { CallLog } from '../model.ts';
import { MINUTE, stamp } from './calendar.ts';
import { type Filling, stream } from './filling.ts';

const outcomes = [
  ['connected', 60],
  ['no_answer', 20],
  ['left_voicemail', 10],
  ['busy', 10],
] as const;

const notes: Readonly<Partial<Record<CallLog['outcome'], readonly string[]>>> = {
  connected: [
    '<p>Will decide after the board meeting. Asked for a reference of the same size.</p>',
    '<p>Offer arrived. Open question: who mounts the gateway?</p>',
    '<p>Wants a call with our technician next week.</p>',
  ],
  left_voicemail: ['<p>Asked to be called back.</p>'],
};

/** Logs of some calls that were made as activities: most of them the owner's own. */
export function insertCalls(filling: Filling): void {
  const { db } = filling.world;
  const owner = filling.world.me();
  const random = stream(filling, 'calls');
  const made = db.activities
    .where('type', 'call')
    .filter((one) => one.done && !one.is_deleted && one.due_time !== null && one.person_id !== null);
  const mine = made.filter(({ owner_id }) => owner_id === owner.id).slice(-7);
  const others = made.filter(({ owner_id }) => owner_id !== owner.id).slice(-4);
  const results = random.deck(mine.length + others.length, outcomes);
  for (const [index, activity] of [...mine, ...others].entries()) {
    const outcome = results[index] ?? 'connected';
    const start = Date.parse(`${activity.due_date}T${activity.due_time}Z`);
    const seconds =
      outcome === 'connected' ? random.int(90, 1500) : outcome === 'left_voicemail' ? random.int(15, 50) : 0;
    const phones = db.persons.get(activity.person_id ?? 0)?.phones ?? [];
    const said = notes[outcome];
    db.callLogs.insert({
      id: `CA${random.hex(26)}`,
      user_id: activity.owner_id,
      activity_id: activity.id,
      person_id: activity.person_id,
      org_id: activity.org_id,
      deal_id: activity.deal_id,
      lead_id: activity.lead_id,
      subject: activity.subject,
      duration: String(seconds),
      outcome,
      from_phone_number: db.users.get(activity.owner_id)?.phone ?? null,
      to_phone_number: phones[0]?.value ?? '',
      start_time: stamp(start),
      end_time: stamp(start + Math.max(seconds * 1000, MINUTE / 4)),
      note: said ? random.pick(said) : null,
      blob_id: null,
      is_deleted: false,
      delete_time: null,
    });
  }
}
