import type { Operation } from './operation.ts';

export const teams: readonly Operation[] = [];
