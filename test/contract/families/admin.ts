import type { Family } from './family.ts';

export const admin: Family = {};
