import { invalid } from './error.ts';
import { routes as activities } from './resources/activities.ts';
import { routes as activityTypes } from './resources/activity-types.ts';
import { routes as billing } from './resources/billing.ts';
import { routes as callLogs } from './resources/call-logs.ts';
import { routes as changelogs } from './resources/changelogs.ts';
import { routes as channels } from './resources/channels.ts';
import { routes as conversions } from './resources/conversions.ts';
import { routes as currencies } from './resources/currencies.ts';
import { routes as dealProducts } from './resources/deal-products.ts';
import { routes as deals } from './resources/deals.ts';
import { routes as dealsSummary } from './resources/deals-summary.ts';
import { routes as dealsV1 } from './resources/deals-v1.ts';
import { routes as discounts } from './resources/discounts.ts';
import { routes as fieldWrites } from './resources/field-writes.ts';
import { routes as fields } from './resources/fields.ts';
import { routes as fieldsV1 } from './resources/fields-v1.ts';
import { routes as files } from './resources/files.ts';
import { routes as filters } from './resources/filters.ts';
import { routes as flow } from './resources/flow.ts';
import { routes as followers } from './resources/followers.ts';
import { routes as followersV1 } from './resources/followers-v1.ts';
import { routes as goals } from './resources/goals.ts';
import { routes as installments } from './resources/installments.ts';
import { routes as leadLabels } from './resources/lead-labels.ts';
import { routes as leadSources } from './resources/lead-sources.ts';
import { routes as leads } from './resources/leads.ts';
import { routes as legacyTeams } from './resources/legacy-teams.ts';
import { routes as mailbox } from './resources/mailbox.ts';
import { routes as meetings } from './resources/meetings.ts';
import { routes as merges } from './resources/merges.ts';
import { routes as noteComments } from './resources/note-comments.ts';
import { routes as notes } from './resources/notes.ts';
import { routes as organizationRelationships } from './resources/organization-relationships.ts';
import { routes as organizations } from './resources/organizations.ts';
import { routes as participants } from './resources/participants.ts';
import { routes as permissionSets } from './resources/permission-sets.ts';
import { routes as permittedUsers } from './resources/permitted-users.ts';
import { routes as personPictures } from './resources/person-pictures.ts';
import { routes as persons } from './resources/persons.ts';
import { routes as pipelines } from './resources/pipelines.ts';
import { routes as productImages } from './resources/product-images.ts';
import { routes as productVariations } from './resources/product-variations.ts';
import { routes as products } from './resources/products.ts';
import { routes as projectBoards } from './resources/project-boards.ts';
import { routes as projectPhases } from './resources/project-phases.ts';
import { routes as projectTemplates } from './resources/project-templates.ts';
import { routes as projects } from './resources/projects.ts';
import { routes as projectsV1 } from './resources/projects-v1.ts';
import { routes as recents } from './resources/recents.ts';
import { routes as roles } from './resources/roles.ts';
import { routes as search } from './resources/search.ts';
import { routes as stages } from './resources/stages.ts';
import { routes as statistics } from './resources/statistics.ts';
import { routes as tasks } from './resources/tasks.ts';
import { routes as timeline } from './resources/timeline.ts';
import { routes as userAdministration } from './resources/user-administration.ts';
import { routes as userSettings } from './resources/user-settings.ts';
import { routes as users } from './resources/users.ts';
import { routes as webhooks } from './resources/webhooks.ts';
import { type Method, methods, type Route } from './route.ts';

/** Every operation the sandbox answers. */
export const routes: readonly Route[] = [
  ...activities,
  ...activityTypes,
  ...billing,
  ...callLogs,
  ...changelogs,
  ...channels,
  ...conversions,
  ...currencies,
  ...dealProducts,
  ...deals,
  ...dealsSummary,
  ...dealsV1,
  ...discounts,
  ...fields,
  ...fieldsV1,
  ...fieldWrites,
  ...files,
  ...filters,
  ...flow,
  ...followers,
  ...followersV1,
  ...goals,
  ...installments,
  ...leadLabels,
  ...leadSources,
  ...leads,
  ...legacyTeams,
  ...mailbox,
  ...meetings,
  ...merges,
  ...noteComments,
  ...notes,
  ...organizationRelationships,
  ...organizations,
  ...participants,
  ...permissionSets,
  ...permittedUsers,
  ...personPictures,
  ...persons,
  ...pipelines,
  ...productImages,
  ...productVariations,
  ...products,
  ...projectBoards,
  ...projectPhases,
  ...projectTemplates,
  ...projects,
  ...projectsV1,
  ...recents,
  ...roles,
  ...search,
  ...stages,
  ...statistics,
  ...tasks,
  ...timeline,
  ...userAdministration,
  ...userSettings,
  ...users,
  ...webhooks,
];

type Found = { route: Route; params: Record<string, string> };

const byShape = new Map<string, Route[]>();
for (const route of routes) {
  const key = shape(route.method, route.version, route.path.split('/').length);
  byShape.set(key, [...(byShape.get(key) ?? []), route]);
}

/** The methods that a path answers to. */
export function methodsOf(path: string): Method[] {
  return methods.filter((method) => match(method, path));
}

/** The operation of a request; fixed segments win over parameters. v1 stands under /v1 and /api/v1, v2 under /api/v2. */
export function match(method: string, path: string): Found | undefined {
  const [, version, rest] = /^(?:\/api)?\/(v1|v2)(\/.*)$/.exec(path) ?? [];
  if (!version || !rest || (version === 'v2' && !path.startsWith('/api/'))) return undefined;
  const segments = rest.split('/').map(decoded);
  let best: (Found & { fixed: number }) | undefined;
  for (const route of byShape.get(shape(method, version, segments.length)) ?? []) {
    const params: Record<string, string> = {};
    let fixed = 0;
    const fits = route.path.split('/').every((part, index) => {
      const segment = segments[index] ?? '';
      if (!part.startsWith('{')) {
        fixed += 1;
        return part === segment;
      }
      params[part.slice(1, -1)] = segment;
      return segment !== '';
    });
    if (fits && fixed > (best?.fixed ?? -1)) best = { route, params, fixed };
  }
  return best;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw Object.assign(invalid(`Bad request: '${segment}' is not validly encoded`), { cause });
  }
}

function shape(method: string, version: string, segments: number): string {
  return `${method} ${version} ${segments}`;
}
