import { z } from 'zod/v3';
import { id, input, rest } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** A tie of two organizations: one is the parent of the other, or they are just related. */
const relationship = entity({
  name: 'organization_relationship',
  plural: 'organization_relationships',
  columns: [
    'id',
    { name: 'type', from: 'calculated_type' },
    { name: 'related_organization', from: 'related_organization_name' },
    { name: 'related_organization_id', from: 'calculated_related_org_id' },
    { name: 'added', from: 'add_time', as: 'day' },
  ],
  hidden: ['active_flag', 'calculated_related_org_id'],
});

const own = { id: id.describe('Relationship id') };
const type = z.enum(['parent', 'related']).describe('parent: owner is parent of linked');
const ends = {
  rel_owner_org_id: id.describe('Owner: the parent'),
  rel_linked_org_id: id.describe('Linked: the daughter'),
};

export const organizationRelationships = [
  operation({
    name: 'list_organization_relationships',
    title: 'List organization relationships',
    summary: 'Parents, daughters and related organizations of an organization.',
    details: 'type is what the related organization is to the one asked for.',
    kind: 'read',
    toolset: 'contacts',
    endpoint: 'GET /api/v1/organizationRelationships',
    cost: 20,
    input: input({ org_id: id.describe('The organization'), ...rest }),
    paging: 'whole',
    entity: relationship,
  }),
  operation({
    name: 'get_organization_relationship',
    title: 'Get organization relationship',
    summary: 'One relationship of two organizations.',
    kind: 'read',
    toolset: 'contacts',
    endpoint: 'GET /api/v1/organizationRelationships/{id}',
    cost: 2,
    input: input({ ...own, org_id: id.describe('Seen from this organization').optional() }),
    entity: relationship,
  }),
  operation({
    name: 'create_organization_relationship',
    title: 'Create organization relationship',
    summary: 'Make one organization the parent of another, or relate two.',
    kind: 'create',
    toolset: 'contacts',
    endpoint: 'POST /api/v1/organizationRelationships',
    cost: 10,
    input: input({ type, ...ends }),
    entity: relationship,
  }),
  operation({
    name: 'update_organization_relationship',
    title: 'Update organization relationship',
    summary: 'Change type or sides of a relationship of two organizations.',
    kind: 'update',
    toolset: 'contacts',
    endpoint: 'PUT /api/v1/organizationRelationships/{id}',
    cost: 10,
    input: input({
      ...own,
      type: type.optional(),
      rel_owner_org_id: ends.rel_owner_org_id.optional(),
      rel_linked_org_id: ends.rel_linked_org_id.optional(),
    }),
    entity: relationship,
  }),
  operation({
    name: 'delete_organization_relationship',
    title: 'Delete organization relationship',
    summary: 'Delete the relationship of two organizations; both organizations stay.',
    kind: 'delete',
    toolset: 'contacts',
    endpoint: 'DELETE /api/v1/organizationRelationships/{id}',
    cost: 6,
    input: input(own),
    entity: relationship,
  }),
];
