import type { Operation } from './operation.ts';

export const webhooks: readonly Operation[] = [];
