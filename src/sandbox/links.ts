import { invalid } from './error.ts';
import type { World } from './world.ts';

export type Links = {
  deal_id?: number | null | undefined;
  person_id?: number | null | undefined;
  org_id?: number | null | undefined;
  lead_id?: string | null | undefined;
  project_id?: number | null | undefined;
  task_id?: number | null | undefined;
};

/** 400 where a body links a record that is unknown or deleted. */
export function checkLinks({ db }: World, { deal_id, person_id, org_id, lead_id, project_id, task_id }: Links): void {
  const check = (what: string, id: number | string | null | undefined, row: { is_deleted: boolean } | undefined) => {
    if (id !== null && id !== undefined && row?.is_deleted !== false) throw invalid(`${what} ${id} not found`);
  };
  check('Deal', deal_id, db.deals.get(deal_id ?? 0));
  check('Person', person_id, db.persons.get(person_id ?? 0));
  check('Organization', org_id, db.organizations.get(org_id ?? 0));
  check('Lead', lead_id, db.leads.get(lead_id ?? ''));
  check('Project', project_id, db.projects.get(project_id ?? 0));
  check('Task', task_id, db.tasks.get(task_id ?? 0));
}
