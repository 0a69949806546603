/** What an id in a record or an argument points to. */
export type LinkKind =
  | 'user'
  | 'pipeline'
  | 'stage'
  | 'activity_type'
  | 'label'
  /** One of the options of the field that has the key's name. */
  | 'option'
  | 'currency'
  | 'filter'
  | 'project_board'
  | 'project_phase'
  | 'project_template'
  | 'role'
  | 'team'
  | 'permission_set'
  | 'person'
  | 'organization'
  | 'deal'
  | 'lead'
  | 'product'
  | 'activity'
  | 'project';

export type Link = {
  readonly kind: LinkKind;
  /** The key under which answers show it by name. */
  readonly shown: string;
};

/**
 * Pipedrive's keys that hold ids, the same in arguments and in records. An argument of such a key takes a name as well as
 * an id; an answer shows the name.
 */
export const links: Readonly<Record<string, Link>> = {
  owner_id: { kind: 'user', shown: 'owner' },
  user_id: { kind: 'user', shown: 'user' },
  creator_user_id: { kind: 'user', shown: 'creator' },
  creator_id: { kind: 'user', shown: 'creator' },
  last_update_user_id: { kind: 'user', shown: 'last_updated_by' },
  updater_id: { kind: 'user', shown: 'last_updated_by' },
  created_by: { kind: 'user', shown: 'created_by' },
  updated_by: { kind: 'user', shown: 'updated_by' },
  pipeline_id: { kind: 'pipeline', shown: 'pipeline' },
  stage_id: { kind: 'stage', shown: 'stage' },
  from_stage_id: { kind: 'stage', shown: 'from_stage' },
  to_stage_id: { kind: 'stage', shown: 'to_stage' },
  added_by_user_id: { kind: 'user', shown: 'added_by' },
  activity_type_id: { kind: 'activity_type', shown: 'activity_types' },
  filter_id: { kind: 'filter', shown: 'filter' },
  board_id: { kind: 'project_board', shown: 'board' },
  projects_board_id: { kind: 'project_board', shown: 'board' },
  phase_id: { kind: 'project_phase', shown: 'phase' },
  template_id: { kind: 'project_template', shown: 'template' },
  role_id: { kind: 'role', shown: 'role' },
  parent_role_id: { kind: 'role', shown: 'parent_role' },
  team_id: { kind: 'team', shown: 'team' },
  permission_set_id: { kind: 'permission_set', shown: 'permission_set' },
  manager_id: { kind: 'user', shown: 'manager' },
  pipeline_ids: { kind: 'pipeline', shown: 'pipelines' },
  assignee_id: { kind: 'user', shown: 'assignee' },
  assignee_ids: { kind: 'user', shown: 'assignees' },
  label_ids: { kind: 'label', shown: 'labels' },
  add_label_ids: { kind: 'label', shown: 'labels' },
  remove_label_ids: { kind: 'label', shown: 'labels' },
  currency: { kind: 'currency', shown: 'currency' },
  person_id: { kind: 'person', shown: 'person' },
  person_ids: { kind: 'person', shown: 'persons' },
  org_id: { kind: 'organization', shown: 'organization' },
  org_ids: { kind: 'organization', shown: 'organizations' },
  organization_id: { kind: 'organization', shown: 'organization' },
  deal_id: { kind: 'deal', shown: 'deal' },
  deal_ids: { kind: 'deal', shown: 'deals' },
  rel_owner_org_id: { kind: 'organization', shown: 'owner_organization' },
  rel_linked_org_id: { kind: 'organization', shown: 'linked_organization' },
  source_deal_id: { kind: 'deal', shown: 'source_deal' },
  lead_id: { kind: 'lead', shown: 'lead' },
  source_lead_id: { kind: 'lead', shown: 'source_lead' },
  product_id: { kind: 'product', shown: 'product' },
  visible_to: { kind: 'option', shown: 'visible_to' },
  channel: { kind: 'option', shown: 'channel' },
  industry: { kind: 'option', shown: 'industry' },
  priority: { kind: 'option', shown: 'priority' },
  health_status: { kind: 'option', shown: 'health_status' },
  category: { kind: 'option', shown: 'category' },
  next_activity_id: { kind: 'activity', shown: 'next_activity' },
  last_activity_id: { kind: 'activity', shown: 'last_activity' },
  activity_id: { kind: 'activity', shown: 'activity' },
  project_id: { kind: 'project', shown: 'project' },
};
