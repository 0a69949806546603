import type { Operation } from './operation.ts';

export const permittedUsers: readonly Operation[] = [];
