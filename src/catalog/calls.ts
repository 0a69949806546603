import type { Operation } from './operation.ts';

export const calls: readonly Operation[] = [];
