import { isObject, type JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { buildRequest } from '../request.ts';
import type { Run } from '../run.ts';

/** The larger of a person's two pictures, fetched from the address that Pipedrive gives. */
export async function getPersonPicture(run: Run): Promise<JsonObject> {
  const { operation, args, client, options, files, attach } = run;
  const { data } = await client.request(buildRequest(operation, args), options);
  const pictures = isObject(data) && isObject(data['pictures']) ? data['pictures'] : {};
  const address = pictures['512'] ?? pictures['128'];
  const id = String(args['person_id']);
  if (typeof address !== 'string') {
    throw new Problem(`Person ${id} has no picture.`, 'None was uploaded.', 'upload_person_picture gives one.');
  }
  const file = await client.download(address, options);
  const place = { uri: `pipedrive://person/${id}/picture`, name: `person-${id}`, save: false };
  return { person_picture: await files.keep(file, place, attach) };
}
