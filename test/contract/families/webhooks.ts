import type { Family } from './family.ts';

export const webhooks: Family = {};
