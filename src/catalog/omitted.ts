import type { Endpoint } from './operation.ts';

/** Operations that are deliberately no tools, and the tool that does their work; none where Pipedrive shut them. */
type Omitted = {
  readonly why: string;
  /** Each with the tool that takes its place. */
  readonly operations: Readonly<Record<Endpoint, string>>;
};

const entities = ['deal', 'person', 'organization', 'product'] as const;

/** Everything else that the API has is a tool. Sources: the official OpenAPI files, and Pipedrive's changelog. */
export const omitted: readonly Omitted[] = [
  {
    why: 'superseded by the field operations of v2, at half the price',
    operations: {
      'GET /api/v1/activityFields': 'list_fields',
      ...merged(
        entities.map((name) => ({
          [`GET /api/v1/${name}Fields` as const]: 'list_fields',
          [`POST /api/v1/${name}Fields` as const]: 'create_field',
          [`DELETE /api/v1/${name}Fields` as const]: 'delete_field',
          [`GET /api/v1/${name}Fields/{id}` as const]: 'get_field',
          [`PUT /api/v1/${name}Fields/{id}` as const]: 'update_field',
          [`DELETE /api/v1/${name}Fields/{id}` as const]: 'delete_field',
        })),
      ),
    },
  },
  {
    why: 'superseded by the follower operations of v2, at half the price',
    operations: {
      'GET /api/v1/users/{id}/followers': 'list_user_followers',
      ...merged(
        entities.map((name) => ({
          [`GET /api/v1/${name}s/{id}/followers` as const]: `list_${name}_followers`,
          [`POST /api/v1/${name}s/{id}/followers` as const]: `add_${name}_follower`,
          [`DELETE /api/v1/${name}s/{id}/followers/{follower_id}` as const]: `remove_${name}_follower`,
        })),
      ),
    },
  },
  {
    why: 'superseded by the lists and searches of v2',
    operations: {
      'GET /api/v1/deals/archived': 'list_archived_deals',
      'GET /api/v1/pipelines/{id}/deals': 'list_deals',
      'GET /api/v1/stages/{id}/deals': 'list_deals',
      'GET /api/v1/leads/search': 'search_leads',
    },
  },
  {
    why: 'superseded by the projects of v2',
    operations: {
      'GET /api/v1/projects': 'list_projects',
      'POST /api/v1/projects': 'create_project',
      'GET /api/v1/projects/{id}': 'get_project',
      'PUT /api/v1/projects/{id}': 'update_project',
      'DELETE /api/v1/projects/{id}': 'delete_project',
      'POST /api/v1/projects/{id}/archive': 'archive_project',
      'GET /api/v1/projects/{id}/tasks': 'list_project_tasks',
      'GET /api/v1/projects/boards': 'list_project_boards',
      'GET /api/v1/projects/boards/{id}': 'get_project_board',
      'GET /api/v1/projects/phases': 'list_project_phases',
      'GET /api/v1/projects/phases/{id}': 'get_project_phase',
      'GET /api/v1/projectTemplates': 'list_project_templates',
      'GET /api/v1/projectTemplates/{id}': 'get_project_template',
      'GET /api/v1/tasks': 'list_project_tasks',
      'POST /api/v1/tasks': 'create_project_task',
      'GET /api/v1/tasks/{id}': 'get_project_task',
      'PUT /api/v1/tasks/{id}': 'update_project_task',
      'DELETE /api/v1/tasks/{id}': 'delete_project_task',
    },
  },
];

/** Shut by Pipedrive on 2026-02-01: nothing takes their place. */
export const shut: readonly Endpoint[] = [
  'POST /api/v1/channels',
  'DELETE /api/v1/channels/{id}',
  'POST /api/v1/channels/messages/receive',
  'DELETE /api/v1/channels/{channel-id}/conversations/{conversation-id}',
];

function merged(parts: readonly Omitted['operations'][]): Omitted['operations'] {
  return Object.assign({}, ...parts);
}
