import type { Family } from './family.ts';

export const dealsMore: Family = {};
