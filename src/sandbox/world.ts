import { randomUUID } from 'node:crypto';
import { type Clock, rfc3339 } from './clock.ts';
import { notFound } from './error.ts';
import { type Company, type Model, model, type User } from './model.ts';
import { type Change, type Row, Table } from './table.ts';
import type { Upload } from './upload.ts';

export type Tables = { readonly [K in keyof Model]: Table<Model[K]> };

/** Everything one sandbox account holds. */
export type World = {
  readonly db: Tables;
  readonly clock: Clock;
  readonly company: Company;
  /** The user whose API token is used: the account's owner. */
  me(): User;
  /** Keeps a file and gives the id under which its bytes are found. */
  store(file: Upload): string;
  /** Where the bytes of a stored file are fetched, without a token and on another host than the API. */
  storageUrl(blobId: string): string;
  /** The port that the sandbox listens on; set when it does. */
  port: number;
  /** Tells of every change of a record from now on, after it was made. */
  listen(listener: Listener): void;
};

export type Listener = (table: keyof Model, change: Change) => void;

/** An account with no records; `changed` is called after every change of one. */
export function createWorld(clock: Clock, company: Company, changed: () => void): World {
  const listeners: Listener[] = [];
  const heard = (table: keyof Model) => (change: Change) => {
    changed();
    for (const listener of listeners) listener(table, change);
  };
  const db: Tables = {
    users: new Table(model.users, [], heard('users')),
    pipelines: new Table(model.pipelines, [], heard('pipelines')),
    stages: new Table(model.stages, ['pipeline_id'], heard('stages')),
    deals: new Table(model.deals, ['person_id', 'org_id', 'stage_id', 'pipeline_id'], heard('deals')),
    persons: new Table(model.persons, ['org_id'], heard('persons')),
    organizations: new Table(model.organizations, [], heard('organizations')),
    activities: new Table(
      model.activities,
      ['deal_id', 'lead_id', 'person_id', 'org_id', 'project_id'],
      heard('activities'),
    ),
    activityTypes: new Table(model.activityTypes, [], heard('activityTypes')),
    leads: new Table(model.leads, ['person_id', 'organization_id'], heard('leads')),
    leadLabels: new Table(model.leadLabels, [], heard('leadLabels')),
    notes: new Table(model.notes, ['deal_id', 'person_id', 'org_id', 'lead_id', 'project_id'], heard('notes')),
    comments: new Table(model.comments, ['note_id'], heard('comments')),
    products: new Table(model.products, [], heard('products')),
    productVariations: new Table(model.productVariations, ['product_id'], heard('productVariations')),
    productImages: new Table(model.productImages, ['product_id'], heard('productImages')),
    dealProducts: new Table(model.dealProducts, ['deal_id', 'product_id'], heard('dealProducts')),
    discounts: new Table(model.discounts, ['deal_id'], heard('discounts')),
    installments: new Table(model.installments, ['deal_id'], heard('installments')),
    conversions: new Table(model.conversions, ['source_id'], heard('conversions')),
    followers: new Table(model.followers, ['record_id'], heard('followers')),
    formerFollowers: new Table(model.formerFollowers, ['record_id'], heard('formerFollowers')),
    changes: new Table(model.changes, ['record_id'], heard('changes')),
    participants: new Table(model.participants, ['deal_id', 'person_id'], heard('participants')),
    participantChanges: new Table(model.participantChanges, ['deal_id'], heard('participantChanges')),
    organizationRelationships: new Table(
      model.organizationRelationships,
      ['rel_owner_org_id', 'rel_linked_org_id'],
      heard('organizationRelationships'),
    ),
    merges: new Table(model.merges, ['from_id'], heard('merges')),
    files: new Table(
      model.files,
      ['deal_id', 'person_id', 'org_id', 'product_id', 'activity_id', 'lead_id', 'project_id', 'mail_message_id'],
      heard('files'),
    ),
    pictures: new Table(model.pictures, [], heard('pictures')),
    mailThreads: new Table(model.mailThreads, ['user_id', 'deal_id', 'lead_id'], heard('mailThreads')),
    mailMessages: new Table(model.mailMessages, ['mail_thread_id'], heard('mailMessages')),
    mailParties: new Table(model.mailParties, ['mail_message_id', 'person_id'], heard('mailParties')),
    callLogs: new Table(
      model.callLogs,
      ['user_id', 'activity_id', 'deal_id', 'person_id', 'org_id', 'lead_id'],
      heard('callLogs'),
    ),
    userProviderLinks: new Table(model.userProviderLinks, [], heard('userProviderLinks')),
    blobs: new Table(model.blobs, [], heard('blobs')),
    fields: new Table(model.fields, ['entity'], heard('fields')),
    filters: new Table(model.filters, [], heard('filters')),
    roles: new Table(model.roles, [], heard('roles')),
    teams: new Table(model.teams, [], heard('teams')),
    webhooks: new Table(model.webhooks, ['user_id'], heard('webhooks')),
    goals: new Table(model.goals, [], heard('goals')),
    projects: new Table(model.projects, [], heard('projects')),
    boards: new Table(model.boards, [], heard('boards')),
    phases: new Table(model.phases, ['board_id'], heard('phases')),
    tasks: new Table(model.tasks, ['project_id', 'parent_task_id'], heard('tasks')),
    projectTemplates: new Table(model.projectTemplates, [], heard('projectTemplates')),
    projectGroups: new Table(model.projectGroups, ['project_id'], heard('projectGroups')),
    planItems: new Table(model.planItems, ['project_id'], heard('planItems')),
  };
  return {
    db,
    clock,
    company,
    me() {
      const [owner] = db.users.all();
      if (!owner) throw new Error('an account has at least its owner');
      return owner;
    },
    store(file) {
      const id = randomUUID();
      db.blobs.insert({ id, name: file.name, type: file.type, content: file.bytes.toString('base64') });
      return id;
    },
    storageUrl(blobId) {
      return `http://localhost:${this.port}/_storage/${blobId}`;
    },
    port: 0,
    listen(listener) {
      listeners.push(listener);
    },
  };
}

/** Days that a soft-deleted record is kept. */
const KEPT = 30;

/** What a soft delete changes. */
export function deletion({ clock }: World): { is_deleted: true; delete_time: string; update_time: string } {
  const now = clock.stamp();
  return { is_deleted: true, delete_time: now, update_time: now };
}

/** What was deleted before this time is gone for good. */
export function purgedBefore({ clock }: World): string {
  return rfc3339(new Date(clock.now().getTime() - KEPT * 24 * 3600 * 1000));
}

/** The record of that id; 404 `<what> not found` where it is unknown or deleted. */
export function live<R extends Row & { is_deleted: boolean }>(table: Table<R>, id: R['id'], what: string): R {
  const row = table.get(id);
  if (!row || row.is_deleted) throw notFound(what);
  return row;
}
