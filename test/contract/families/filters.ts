import type { Family } from './family.ts';

export const filters: Family = {};
