import type { Operation } from './operation.ts';

export const files: readonly Operation[] = [];
