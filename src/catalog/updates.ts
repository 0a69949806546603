import type { Operation } from './operation.ts';

export const updates: readonly Operation[] = [];
