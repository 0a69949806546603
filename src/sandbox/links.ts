import { invalid } from './error.ts';
import { checkSeen } from './visibility.ts';
import type { World } from './world.ts';

/** The key by which other records name one of a kind. */
export const linkKey = {
  deal: 'deal_id',
  person: 'person_id',
  organization: 'org_id',
  product: 'product_id',
  lead: 'lead_id',
  project: 'project_id',
} as const;

type Links = {
  deal_id?: number | null | undefined;
  person_id?: number | null | undefined;
  org_id?: number | null | undefined;
  lead_id?: string | null | undefined;
  project_id?: number | null | undefined;
  task_id?: number | null | undefined;
  product_id?: number | null | undefined;
  activity_id?: number | null | undefined;
};

/** 400 where a body links a record that is unknown or deleted, 403 for a deal that the caller does not see. */
export function checkLinks(
  world: World,
  { deal_id, person_id, org_id, lead_id, project_id, task_id, product_id, activity_id }: Links,
): void {
  const { db } = world;
  const check = (what: string, id: number | string | null | undefined, row: { is_deleted: boolean } | undefined) => {
    if (id !== null && id !== undefined && row?.is_deleted !== false) throw invalid(`${what} ${id} not found`);
  };
  const deal = db.deals.get(deal_id ?? 0);
  check('Deal', deal_id, deal);
  if (deal) checkSeen(world, deal);
  check('Person', person_id, db.persons.get(person_id ?? 0));
  check('Organization', org_id, db.organizations.get(org_id ?? 0));
  check('Lead', lead_id, db.leads.get(lead_id ?? ''));
  check('Project', project_id, db.projects.get(project_id ?? 0));
  check('Task', task_id, db.tasks.get(task_id ?? 0));
  check('Product', product_id, db.products.get(product_id ?? 0));
  check('Activity', activity_id, db.activities.get(activity_id ?? 0));
}
