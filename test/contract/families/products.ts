import type { Family } from './family.ts';

export const products: Family = {};
