/** Groups of tools that a user turns on, in the order in which they are named everywhere. */
export const toolsets = ['deals', 'contacts', 'leads', 'activities', 'notes', 'fields', 'admin', 'reports'] as const;
export type Toolset = (typeof toolsets)[number];
