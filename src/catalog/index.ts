import { activities } from './activities.ts';
import { activityTypes } from './activity-types.ts';
import { analyses } from './analyses.ts';
import { guarded } from './arguments.ts';
import { billing } from './billing.ts';
import { bulk } from './bulk.ts';
import { calls } from './calls.ts';
import { changelogs } from './changelogs.ts';
import { changes } from './changes.ts';
import { contexts } from './context.ts';
import { currencies } from './currencies.ts';
import { dealDiscounts } from './deal-discounts.ts';
import { dealInstallments } from './deal-installments.ts';
import { dealProducts } from './deal-products.ts';
import { deals } from './deals.ts';
import { duplicates } from './duplicates.ts';
import { fields } from './fields.ts';
import { files } from './files.ts';
import { filters } from './filters.ts';
import { userFollowers } from './followers.ts';
import { goals } from './goals.ts';
import { leadLabels } from './lead-labels.ts';
import { leads } from './leads.ts';
import { mail } from './mail.ts';
import { meetings } from './meetings.ts';
import { merges } from './merges.ts';
import { noteComments } from './note-comments.ts';
import { notes } from './notes.ts';
import type { Operation } from './operation.ts';
import { organizationRelationships } from './organization-relationships.ts';
import { organizations } from './organizations.ts';
import { participants } from './participants.ts';
import { permissionSets } from './permission-sets.ts';
import { permittedUsers } from './permitted-users.ts';
import { personPictures } from './person-pictures.ts';
import { persons } from './persons.ts';
import { pipelines } from './pipelines.ts';
import { productImages } from './product-images.ts';
import { productVariations } from './product-variations.ts';
import { products } from './products.ts';
import { projectBoards } from './project-boards.ts';
import { projectPhases } from './project-phases.ts';
import { projectTasks } from './project-tasks.ts';
import { projectTemplates } from './project-templates.ts';
import { projects } from './projects.ts';
import { recents } from './recents.ts';
import { roles } from './roles.ts';
import { searches } from './search.ts';
import { stages } from './stages.ts';
import { statistics } from './statistics.ts';
import { teams } from './teams.ts';
import { transfers } from './transfers.ts';
import { updates } from './updates.ts';
import { userSettings } from './user-settings.ts';
import { users } from './users.ts';
import { webhooks } from './webhooks.ts';

const declared: readonly Operation[] = [
  ...searches,
  ...deals,
  ...persons,
  ...organizations,
  ...activities,
  ...leads,
  ...notes,
  ...pipelines,
  ...stages,
  ...fields,
  ...users,
  ...dealProducts,
  ...dealDiscounts,
  ...dealInstallments,
  ...activityTypes,
  ...leadLabels,
  ...noteComments,
  ...currencies,
  ...products,
  ...productVariations,
  ...productImages,
  ...projects,
  ...projectBoards,
  ...projectPhases,
  ...projectTasks,
  ...projectTemplates,
  ...filters,
  ...files,
  ...personPictures,
  ...mail,
  ...calls,
  ...meetings,
  ...changes,
  ...changelogs,
  ...updates,
  ...recents,
  ...contexts,
  ...participants,
  ...merges,
  ...duplicates,
  ...organizationRelationships,
  ...statistics,
  ...analyses,
  ...permittedUsers,
  ...userFollowers,
  ...roles,
  ...permissionSets,
  ...teams,
  ...userSettings,
  ...goals,
  ...billing,
  ...webhooks,
  ...bulk,
  ...transfers,
];

const reads = new Set(declared.filter(({ kind }) => kind === 'read').map(({ endpoint }) => endpoint.split(' ')[1]));

/** Every operation, in the order in which tools are listed; writes with what all of them take. */
export const catalog: readonly Operation[] = declared.map((operation) => {
  const { kind, endpoint, input } = operation;
  if (kind === 'read') return operation;
  const hasRead = reads.has(endpoint.split(' ')[1]);
  return { ...operation, input: input.extend(guarded(kind, operation.job === true, hasRead)) };
});
