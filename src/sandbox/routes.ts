import { invalid } from './error.ts';
import { routes as activities } from './resources/activities.ts';
import { routes as activityTypes } from './resources/activity-types.ts';
import { routes as conversions } from './resources/conversions.ts';
import { routes as currencies } from './resources/currencies.ts';
import { routes as dealProducts } from './resources/deal-products.ts';
import { routes as deals } from './resources/deals.ts';
import { routes as dealsSummary } from './resources/deals-summary.ts';
import { routes as discounts } from './resources/discounts.ts';
import { routes as fields } from './resources/fields.ts';
import { routes as filters } from './resources/filters.ts';
import { routes as followers } from './resources/followers.ts';
import { routes as installments } from './resources/installments.ts';
import { routes as leadLabels } from './resources/lead-labels.ts';
import { routes as leadSources } from './resources/lead-sources.ts';
import { routes as leads } from './resources/leads.ts';
import { routes as noteComments } from './resources/note-comments.ts';
import { routes as notes } from './resources/notes.ts';
import { routes as organizations } from './resources/organizations.ts';
import { routes as permittedUsers } from './resources/permitted-users.ts';
import { routes as persons } from './resources/persons.ts';
import { routes as pipelines } from './resources/pipelines.ts';
import { routes as search } from './resources/search.ts';
import { routes as stages } from './resources/stages.ts';
import { routes as users } from './resources/users.ts';
import { type Method, methods, type Route } from './route.ts';

/** Every operation the sandbox answers. */
export const routes: readonly Route[] = [
  ...activities,
  ...activityTypes,
  ...leadLabels,
  ...leadSources,
  ...leads,
  ...noteComments,
  ...notes,
  ...conversions,
  ...dealProducts,
  ...deals,
  ...dealsSummary,
  ...discounts,
  ...installments,
  ...stages,
  ...filters,
  ...followers,
  ...organizations,
  ...permittedUsers,
  ...persons,
  ...search,
  ...currencies,
  ...fields,
  ...users,
  ...pipelines,
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
