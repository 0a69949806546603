import type { Operation } from './operation.ts';

export const billing: readonly Operation[] = [];
