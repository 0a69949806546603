import { z } from 'zod/v3';
import { Table } from '../table.ts';
import { address, customFields, dated, deletable, id, ids, link, stamp } from './parts.ts';

const contact = z.array(z.object({ value: z.string(), primary: z.boolean(), label: z.string() }));

/** Persons and organizations, and how organizations are related. */
export const contactTables = () => ({
  persons: new Table(
    z.object({
      id,
      name: z.string(),
      first_name: z.string().nullable(),
      last_name: z.string().nullable(),
      owner_id: id,
      org_id: link,
      emails: contact,
      phones: contact,
      visible_to: z.number(),
      label_ids: ids,
      picture_id: link,
      marketing_status: z.string(),
      custom_fields: customFields,
      ...deletable,
      ...dated,
    }),
    ['org_id'],
  ),
  pictures: new Table(
    z.object({ id, added_by_user_id: id, blob_id: z.string(), file_size: z.number(), add_time: stamp }),
  ),
  organizations: new Table(
    z.object({
      id,
      name: z.string(),
      owner_id: id,
      address,
      visible_to: z.number(),
      label_ids: ids,
      website: z.string().nullable(),
      linkedin: z.string().nullable(),
      industry: z.number().nullable(),
      annual_revenue: z.number().nullable(),
      employee_count: z.number().nullable(),
      custom_fields: customFields,
      ...deletable,
      ...dated,
    }),
  ),
  organizationRelationships: new Table(
    z.object({
      id,
      type: z.enum(['parent', 'related']),
      /** The parent, where the type is `parent`; the other is its daughter. */
      rel_owner_org_id: id,
      rel_linked_org_id: id,
      ...dated,
    }),
    ['rel_owner_org_id', 'rel_linked_org_id'],
  ),
});
