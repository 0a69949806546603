import type { Operation } from './operation.ts';

export const meetings: readonly Operation[] = [];
