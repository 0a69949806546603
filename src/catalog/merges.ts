import type { Operation } from './operation.ts';

export const merges: readonly Operation[] = [];
