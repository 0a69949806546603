import type { JsonObject } from '../pipedrive/json.ts';

/** A resource is the answer of a read tool under an address, for hosts that attach facts to a conversation. */
type Resource = {
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly tool: string;
  readonly args: JsonObject;
  /** Kinds of record whose writes make a kept answer stale. */
  readonly of: readonly string[];
};

export type ResourceTemplate = {
  readonly uriTemplate: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly tool: string;
  /** The kind of record whose ids complete `{id}`. */
  readonly kind: string;
};

const described = ['deal', 'person', 'organization', 'product', 'activity', 'lead', 'note', 'project'] as const;

export const resources: readonly Resource[] = [
  fact('pipelines', 'Pipelines and stages', 'All pipelines with their stages in order', 'list_pipelines', [
    'pipeline',
    'stage',
  ]),
  ...described.map((entity) => ({
    uri: `pipedrive://fields/${entity}`,
    name: `${entity}-fields`,
    title: `Fields of ${entity === 'activity' ? 'activities' : `${entity}s`}`,
    description: `Field schema: codes, names, types, options, which are custom and which required`,
    tool: 'list_fields',
    args: { entity },
    of: ['field', ...({ activity: ['activity_type'], lead: ['lead_label'] }[String(entity)] ?? [])],
  })),
  fact('users', 'Users', 'Users of the company: ids, names, e-mails, time zones', 'list_users', []),
  fact(
    'activity-types',
    'Activity types',
    'What an activity can be: call, meeting and the like',
    'list_activity_types',
    ['activity_type'],
  ),
  fact('currencies', 'Currencies', 'Currencies of the account', 'list_currencies', []),
  fact('lead-labels', 'Lead labels', 'Labels that leads can bear', 'list_lead_labels', ['lead_label']),
  fact('lead-sources', 'Lead sources', 'Where leads come from', 'list_lead_sources', []),
  fact(
    'limits',
    'Limits and budget',
    'Which company and user this is, rate limits, what is left of the daily budget',
    'get_limits',
    [],
  ),
];

export const templates: readonly ResourceTemplate[] = [
  record('deals', 'deal', 'get_deal'),
  record('persons', 'person', 'get_person'),
  record('organizations', 'organization', 'get_organization'),
  record('activities', 'activity', 'get_activity'),
  record('leads', 'lead', 'get_lead'),
  record('notes', 'note', 'get_note'),
];

function fact(path: string, title: string, description: string, tool: string, of: readonly string[]): Resource {
  return { uri: `pipedrive://${path}`, name: path, title, description, tool, args: {}, of };
}

function record(path: string, kind: string, tool: string): ResourceTemplate {
  return {
    uriTemplate: `pipedrive://${path}/{id}`,
    name: kind,
    title: `One ${kind}`,
    description: `One ${kind} by its id`,
    tool,
    kind,
  };
}

/** The tool call that a resource's address stands for; undefined where there is no such resource. */
export function resolve(uri: string): { tool: string; args: JsonObject; keep: boolean } | undefined {
  const fixed = resources.find((resource) => resource.uri === uri);
  if (fixed) return { tool: fixed.tool, args: fixed.args, keep: fixed.tool !== 'get_limits' };
  for (const template of templates) {
    const [before = ''] = template.uriTemplate.split('{id}');
    if (!uri.startsWith(before) || uri.length === before.length) continue;
    const id = decoded(uri.slice(before.length));
    return id === undefined ? undefined : { tool: template.tool, args: { id }, keep: false };
  }
  return undefined;
}

/** undefined where the text is no percent-encoding. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
