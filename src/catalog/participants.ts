import type { Operation } from './operation.ts';

export const participants: readonly Operation[] = [];
