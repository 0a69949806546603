/** What an id in a record or an argument points to. */
export type LinkKind =
  | 'user'
  | 'pipeline'
  | 'stage'
  | 'activity_type'
  | 'label'
  | 'currency'
  | 'filter'
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
  filter_id: { kind: 'filter', shown: 'filter' },
  label_ids: { kind: 'label', shown: 'labels' },
  add_label_ids: { kind: 'label', shown: 'labels' },
  remove_label_ids: { kind: 'label', shown: 'labels' },
  currency: { kind: 'currency', shown: 'currency' },
  person_id: { kind: 'person', shown: 'person' },
  org_id: { kind: 'organization', shown: 'organization' },
  organization_id: { kind: 'organization', shown: 'organization' },
  deal_id: { kind: 'deal', shown: 'deal' },
  source_deal_id: { kind: 'deal', shown: 'source_deal' },
  lead_id: { kind: 'lead', shown: 'lead' },
  source_lead_id: { kind: 'lead', shown: 'source_lead' },
  product_id: { kind: 'product', shown: 'product' },
  next_activity_id: { kind: 'activity', shown: 'next_activity' },
  last_activity_id: { kind: 'activity', shown: 'last_activity' },
  project_id: { kind: 'project', shown: 'project' },
};
