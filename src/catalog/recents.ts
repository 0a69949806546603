import type { Operation } from './operation.ts';

export const recents: readonly Operation[] = [];
