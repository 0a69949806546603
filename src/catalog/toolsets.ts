/** Groups of tools that a user turns on, in the order in which they are named everywhere. */
export const toolsets = [
  'deals',
  'contacts',
  'leads',
  'activities',
  'notes',
  'products',
  'projects',
  'files',
  'mail',
  'calls',
  'goals',
  'filters',
  'fields',
  'webhooks',
  'admin',
  'history',
  'reports',
  'bulk',
] as const;
export type Toolset = (typeof toolsets)[number];
