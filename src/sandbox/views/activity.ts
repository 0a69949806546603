import { addressV1 } from '../address.ts';
import { v1Time } from '../clock.ts';
import { bccAddress } from '../derived.ts';
import type { JsonObject } from '../json.ts';
import type { Activity } from '../model.ts';
import type { World } from '../world.ts';

/** An activity as v1 shows it: the address taken apart, names beside ids; calendars and schedulers are none here. */
export function activityV1(world: World, activity: Activity): JsonObject {
  const { db, company } = world;
  const { id, deal_id, person_id, org_id, location } = activity;
  return {
    id,
    company_id: company.id,
    user_id: activity.owner_id,
    done: activity.done,
    type: activity.type,
    reference_type: null,
    reference_id: null,
    conference_meeting_client: activity.conference_meeting_client,
    conference_meeting_url: activity.conference_meeting_url,
    conference_meeting_id: activity.conference_meeting_id,
    due_date: activity.due_date,
    due_time: activity.due_time?.slice(0, 5) ?? '',
    duration: activity.duration?.slice(0, 5) ?? '',
    busy_flag: activity.busy,
    add_time: v1Time(activity.add_time),
    marked_as_done_time: v1Time(activity.marked_as_done_time ?? ''),
    last_notification_time: null,
    last_notification_user_id: null,
    notification_language_id: null,
    subject: activity.subject,
    public_description: activity.public_description ?? '',
    calendar_sync_include_context: null,
    location: location?.['value'] ?? null,
    org_id,
    person_id,
    deal_id,
    lead_id: activity.lead_id,
    project_id: activity.project_id,
    active_flag: !activity.is_deleted,
    update_time: v1Time(activity.update_time),
    update_user_id: null,
    gcal_event_id: null,
    google_calendar_id: null,
    google_calendar_etag: null,
    source_timezone: null,
    rec_rule: null,
    rec_rule_extension: null,
    rec_master_activity_id: null,
    series: [],
    note: activity.note,
    created_by_user_id: activity.creator_user_id,
    ...addressV1('location', location),
    attendees: activity.attendees.map(({ email, is_organizer, ...attendee }) => ({
      ...attendee,
      email_address: email ?? null,
      is_organizer: Number(is_organizer === true),
    })),
    participants: activity.participants.map((one) => ({ person_id: one.person_id, primary_flag: one.primary })),
    org_name: db.organizations.get(org_id ?? 0)?.name ?? null,
    person_name: db.persons.get(person_id ?? 0)?.name ?? null,
    deal_title: db.deals.get(deal_id ?? 0)?.title ?? null,
    owner_name: db.users.get(activity.owner_id)?.name ?? '',
    person_dropbox_bcc: bccAddress(world),
    deal_dropbox_bcc: deal_id === null ? null : bccAddress(world, deal_id),
    assigned_to_user_id: activity.owner_id,
    file: null,
  };
}
