import type { Family } from './family.ts';

export const fields: Family = {};
