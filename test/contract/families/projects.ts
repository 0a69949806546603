import type { Family } from './family.ts';

export const projects: Family = {};
