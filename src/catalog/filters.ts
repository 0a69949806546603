import type { Operation } from './operation.ts';

export const filters: readonly Operation[] = [];
