import { z } from 'zod/v3';
import { inTime, v1Time } from '../clock.ts';
import { changesOf } from '../history.ts';
import type { Json, JsonObject } from '../json.ts';
import { linkKey } from '../links.ts';
import { hasAttachments, messagesOf } from '../mail.ts';
import type { ChangedField } from '../model.ts';
import { startReply } from '../page.ts';
import { param, startLimit } from '../parameters.ts';
import { type Route, route } from '../route.ts';
import { activityV1 } from '../views/activity.ts';
import { keyed, relatedContacts } from '../views/contact.ts';
import { dealV1 } from '../views/deal.ts';
import { listedMessageV1 } from '../views/mail.ts';
import { visibleDeals } from '../visibility.ts';
import type { World } from '../world.ts';
import { callLogV1 } from './call-logs.ts';
import { fileV1 } from './files.ts';
import { followerChanges } from './followers.ts';
import { logged } from './linked.ts';
import { commentV1 } from './note-comments.ts';
import { noteV1 } from './notes.ts';

type Subject = {
  readonly entity: (typeof logged)[number]['entity'];
  /** The key under which other records name it. */
  readonly key: 'deal_id' | 'person_id' | 'org_id';
  readonly id: number;
};

/** Something that happened to a record, or on it. */
type Event = {
  readonly object: string;
  /** What `items` calls it. */
  readonly items: readonly string[];
  readonly time: string;
  readonly data: () => JsonObject;
  /** Told only with all_changes=1. */
  readonly custom?: boolean;
};

/** Everything a flow is made of, one source a kind of thing. */
const sources: readonly ((world: World, subject: Subject) => Event[])[] = [
  (world, { entity, id }) =>
    changesOf(world, entity, id).map((change) => ({
      object: `${entity}Change`,
      items: ['change', `${entity}Change`],
      time: change.time,
      data: () => changeV1(world, change),
      custom: /^[0-9a-f]{40}/.test(change.field_key),
    })),
  (world, { key, id }) =>
    world.db.activities
      .where(key, id)
      .filter((activity) => !activity.is_deleted)
      .map((activity) => ({
        object: 'activity',
        items: [activity.done ? 'activity' : 'plannedActivity'],
        time: activity.marked_as_done_time ?? activity.add_time,
        data: () => activityV1(world, activity),
      })),
  (world, { key, id }) =>
    world.db.notes
      .where(key, id)
      .filter((note) => note.active_flag)
      .map((note) => ({ object: 'note', items: ['note'], time: note.add_time, data: () => noteV1(world, note) })),
  (world, { key, id }) =>
    world.db.notes
      .where(key, id)
      .filter((note) => note.active_flag)
      .flatMap((note) => world.db.comments.where('note_id', note.id))
      .filter((comment) => comment.active_flag)
      .map((comment) => ({
        object: 'comment',
        items: ['comment'],
        time: comment.add_time,
        data: () => commentV1(world, comment),
      })),
  (world, { key, id }) =>
    world.db.files
      .where(key, id)
      .filter((file) => !file.is_deleted)
      .map((file) => ({ object: 'file', items: ['file'], time: file.add_time, data: () => fileV1(world, file) })),
  (world, { entity, id }) =>
    messagesOf[entity](world, id).map((message) => ({
      object: 'mailMessage',
      items: hasAttachments(world, message.id) ? ['mailMessage', 'mailMessageWithAttachment'] : ['mailMessage'],
      time: message.message_time,
      data: () => ({
        ...listedMessageV1(world, message, {}),
        attachments: world.db.files
          .where('mail_message_id', message.id)
          .filter((file) => !file.is_deleted)
          .map((file) => fileV1(world, file)),
      }),
    })),
  (world, { key, id }) =>
    world.db.callLogs
      .where(key, id)
      .filter((call) => !call.is_deleted)
      .map((call) => ({ object: 'call', items: ['call'], time: call.start_time, data: () => callLogV1(world, call) })),
  (world, { entity, id }) =>
    followerChanges(world, entity, id).map((change) => ({
      object: `${entity}Follower`,
      items: ['follower', `${entity}Follower`],
      time: change.time,
      data: () => ({
        id: change.id,
        item_id: id,
        action: change.action,
        user_id: change.user_id,
        log_time: v1Time(change.time),
      }),
    })),
  (world, { entity, id }) =>
    (entity === 'deal' ? world.db.participantChanges.where('deal_id', id) : []).map((change) => ({
      object: 'participant',
      items: ['participant'],
      time: change.time,
      data: () => ({
        id: change.id,
        deal_id: id,
        action: change.action,
        person_id: change.person_id,
        user_id: change.actor_user_id,
        log_time: v1Time(change.time),
      }),
    })),
  (world, { key, id }) =>
    (key === 'deal_id' ? [] : visibleDeals(world, world.db.deals.where(key, id)))
      .filter((deal) => !deal.is_deleted)
      .map((deal) => ({ object: 'deal', items: ['deal'], time: deal.add_time, data: () => dealV1(world, deal) })),
];

const query = z.object({ ...startLimit, all_changes: param.text, items: param.csv });

export const routes: Route[] = logged.map(({ entity, path, live }) =>
  route(`GET /v1/${path}/{id}/flow`, {
    cost: 40,
    query,
    handle(world, call) {
      const { all_changes, items } = call.query;
      const { id } = live(world, call.int('id'));
      const events = sources
        .flatMap((source) => source(world, { entity, key: linkKey[entity], id }))
        .filter(
          (event) =>
            (!event.custom || all_changes === '1') && (!items || event.items.some((item) => items.includes(item))),
        )
        .sort((a, b) => inTime(b.time, a.time));
      return startReply(
        events,
        call.query,
        ({ object, time, data }) => ({ object, timestamp: v1Time(time), data: data() }),
        (_, shown) => ({
          related_objects: related(
            world,
            shown.map((row) => row.data),
          ),
        }),
      );
    },
  }),
);

function changeV1(world: World, change: ChangedField): JsonObject {
  const { field_key, old_value, new_value } = change;
  const names: JsonObject = {};
  const [old, now] = [nameOf(world, field_key, old_value), nameOf(world, field_key, new_value)];
  if (now !== undefined) names['new_value_formatted'] = now;
  if (old !== undefined) names['old_value_formatted'] = old;
  return {
    id: change.id,
    item_id: change.record_id,
    user_id: change.user_id,
    field_key,
    old_value,
    new_value,
    is_bulk_update_flag: null,
    log_time: v1Time(change.time),
    change_source: change.change_source,
    change_source_user_agent: null,
    additional_data: Object.keys(names).length > 0 ? names : [],
  };
}

/** The name of what a value points to; undefined where it points to nothing. */
function nameOf({ db }: World, field_key: string, value: Json): string | undefined {
  if (typeof value !== 'number') return undefined;
  if (field_key === 'user_id' || field_key === 'owner_id') return db.users.get(value)?.name;
  if (field_key === 'stage_id') return db.stages.get(value)?.name;
  if (field_key === 'pipeline') return db.pipelines.get(value)?.name;
  if (field_key === 'person_id') return db.persons.get(value)?.name;
  if (field_key === 'org_id') return db.organizations.get(value)?.name;
  return undefined;
}

/** Users, persons, organizations and deals that a page of a flow names. */
function related(world: World, rows: readonly JsonObject[]): JsonObject {
  const ids = (key: string) => rows.flatMap((row) => (typeof row[key] === 'number' ? row[key] : []));
  return {
    ...relatedContacts(world, { users: ids('user_id'), persons: ids('person_id'), organizations: ids('org_id') }),
    deal: keyed(
      ids('deal_id'),
      (id) => world.db.deals.get(id),
      ({ id, title, status, value, currency, stage_id, pipeline_id }) => ({
        id,
        title,
        status,
        value,
        currency,
        stage_id,
        pipeline_id,
      }),
    ),
  };
}
