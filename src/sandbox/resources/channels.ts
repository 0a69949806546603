import { ApiError } from '../error.ts';
import { type Route, route } from '../route.ts';

/** Pipedrive shut this API on 2026-02-01; its four operations still stand in the official files. */
export const routes: Route[] = [
  route('POST /v1/channels', { cost: 10, handle: gone }),
  route('DELETE /v1/channels/{id}', { cost: 6, handle: gone }),
  route('POST /v1/channels/messages/receive', { cost: 10, handle: gone }),
  route('DELETE /v1/channels/{channel-id}/conversations/{conversation-id}', { cost: 6, handle: gone }),
];

function gone(): never {
  throw new ApiError(410, 'The Channels API is no longer available');
}
