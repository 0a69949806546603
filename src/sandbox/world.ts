import { type Clock, rfc3339 } from './clock.ts';
import { notFound } from './error.ts';
import { type Company, type Model, model, type User } from './model.ts';
import { type Row, Table } from './table.ts';

export type Tables = { readonly [K in keyof Model]: Table<Model[K]> };

/** Everything one sandbox account holds. */
export type World = {
  readonly db: Tables;
  readonly clock: Clock;
  readonly company: Company;
  /** The user whose API token is used: the account's owner. */
  me(): User;
};

/** An account with no records; `changed` is called after every change of one. */
export function createWorld(clock: Clock, company: Company, changed: () => void): World {
  const db: Tables = {
    users: new Table(model.users, [], changed),
    pipelines: new Table(model.pipelines, [], changed),
    stages: new Table(model.stages, ['pipeline_id'], changed),
    deals: new Table(model.deals, ['person_id', 'org_id', 'stage_id', 'pipeline_id'], changed),
    persons: new Table(model.persons, ['org_id'], changed),
    organizations: new Table(model.organizations, [], changed),
    activities: new Table(model.activities, ['deal_id', 'lead_id', 'person_id', 'org_id'], changed),
    activityTypes: new Table(model.activityTypes, [], changed),
    leads: new Table(model.leads, ['person_id', 'organization_id'], changed),
    leadLabels: new Table(model.leadLabels, [], changed),
    notes: new Table(model.notes, ['deal_id', 'person_id', 'org_id', 'lead_id'], changed),
    comments: new Table(model.comments, ['note_id'], changed),
    products: new Table(model.products, [], changed),
    dealProducts: new Table(model.dealProducts, ['deal_id', 'product_id'], changed),
    discounts: new Table(model.discounts, ['deal_id'], changed),
    installments: new Table(model.installments, ['deal_id'], changed),
    conversions: new Table(model.conversions, ['source_id'], changed),
    followers: new Table(model.followers, ['record_id'], changed),
    formerFollowers: new Table(model.formerFollowers, ['record_id'], changed),
    fields: new Table(model.fields, ['entity'], changed),
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
