import type { Family } from './family.ts';

export const history: Family = {};
