import type { Operation } from './operation.ts';

export const organizationRelationships: readonly Operation[] = [];
