import type { Operation } from './operation.ts';

export const goals: readonly Operation[] = [];
