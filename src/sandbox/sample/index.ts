import { insertBuiltinFields } from '../fields/builtin.ts';
import type { World } from '../world.ts';
import {
  fillTime,
  insertColleagues,
  insertDefaults,
  insertOwner,
  insertPipelines,
  insertStandardPipeline,
} from './account.ts';
import { insertActivities } from './activities.ts';
import { insertAdministration, insertDefaultRole } from './admin.ts';
import { DAY, stamp } from './calendar.ts';
import { insertCalls } from './calls.ts';
import { insertContacts } from './contacts.ts';
import { insertCustomFields } from './custom-fields.ts';
import { insertDeals } from './deals.ts';
import { insertFiles } from './files.ts';
import { insertFilters } from './filters.ts';
import { insertGoals } from './goals.ts';
import { insertHistory } from './history.ts';
import { insertLeads } from './leads.ts';
import { insertMail } from './mail.ts';
import { insertFollowers, insertNotes } from './notes.ts';
import { insertProducts } from './products.ts';
import { insertProjects } from './projects.ts';
import { insertParticipants, insertRelationships } from './relations.ts';

export { sampleCompany } from './account.ts';

/** How long the sample company has had its account. */
const AGE = 900 * DAY;

/** An account just opened: its owner, Pipedrive's default pipeline, activity types and lead labels, no records. */
export function fillEmpty(world: World, seed: number): void {
  const now = fillTime(world);
  insertDefaultRole(world);
  insertOwner(world, now);
  insertStandardPipeline(world, now);
  insertDefaults(world, seed, now);
  insertBuiltinFields(world);
  dateFields(world, now);
}

/** The sample company: the same for one seed and time. `deals` scales all of it; the account itself stays as it is. */
export function fillSample(world: World, seed: number, deals = 150): void {
  const now = fillTime(world);
  const since = Math.floor((now - AGE) / DAY) * DAY + 9.25 * (DAY / 24);
  const filling = { world, seed, now, since, deals };
  insertDefaultRole(world);
  insertOwner(world, since);
  insertColleagues(world, since);
  insertPipelines(world, since);
  insertAdministration(world, since);
  insertDefaults(world, seed, since);
  insertBuiltinFields(world);
  const catalogue = insertProducts(filling);
  const contacts = insertContacts(filling);
  const stories = insertDeals(filling, contacts, catalogue);
  insertParticipants(filling, stories);
  insertRelationships(filling, contacts);
  const leads = insertLeads(filling, contacts);
  insertActivities(filling, contacts, stories, leads);
  insertNotes(filling, contacts, stories, leads);
  insertFollowers(filling);
  insertCustomFields(filling, contacts, stories, leads);
  insertFilters(filling);
  insertProjects(filling, stories);
  insertHistory(filling, stories, contacts);
  insertGoals(filling);
  insertFiles(filling, contacts, stories, leads, catalogue);
  insertMail(filling, stories, leads);
  insertCalls(filling);
  dateFields(world, since);
}

/** Fields are as old as the account, and the same for one seed however long the filling takes. */
function dateFields({ db }: World, since: number): void {
  const times = { add_time: stamp(since), update_time: stamp(since) };
  for (const field of db.fields.all()) {
    const dated = field.options?.map((option) => (option.add_time === undefined ? option : { ...option, ...times }));
    db.fields.patch(field, { options: dated, ...times });
  }
}
