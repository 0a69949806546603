import type { Operation } from './operation.ts';

export const changelogs: readonly Operation[] = [];
