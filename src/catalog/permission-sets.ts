import type { Operation } from './operation.ts';

export const permissionSets: readonly Operation[] = [];
