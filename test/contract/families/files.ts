import type { Family } from './family.ts';

export const files: Family = {};
