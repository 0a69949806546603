import { z } from 'zod/v3';
import { ApiError } from '../error.ts';
import { loose } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';

/** Links between users and a video calling app, which the app makes when a user installs it. */
export const routes: Route[] = [
  route('POST /v1/meetings/userProviderLinks', {
    cost: 10,
    body: z.object({
      user_provider_id: z.string().uuid(),
      user_id: loose.id,
      company_id: loose.id,
      marketplace_client_id: z.string().min(1),
    }),
    handle({ db, company }, { body: { user_provider_id: id, ...link } }) {
      if (link.company_id !== company.id || db.users.get(link.user_id)?.active_flag !== true) {
        throw refused(401, 'No permission to create user provider link');
      }
      const known = db.userProviderLinks.get(id);
      if (known) db.userProviderLinks.patch(known, link);
      else db.userProviderLinks.insert({ id, ...link });
      return ok({ message: 'The user was added successfully' });
    },
  }),
  route('DELETE /v1/meetings/userProviderLinks/{id}', {
    cost: 6,
    handle({ db }, { text }) {
      const link = db.userProviderLinks.get(text('id'));
      if (!link) throw refused(403, 'Incorrect parameter provided');
      db.userProviderLinks.remove(link);
      return ok({ message: 'The user data was successfully removed' });
    },
  }),
];

/** This service's errors carry their text as `message` too. */
function refused(status: number, message: string): ApiError {
  return new ApiError(status, message, { message });
}
