import type { Operation } from './operation.ts';

export const projectBoards: readonly Operation[] = [];
