import type { JsonObject } from './json.ts';
import type { World } from './world.ts';

/** Where a person's picture is, in its two sizes. The sandbox resizes nothing: both are the picture as it was sent. */
export function pictureUrls(world: World, pictureId: number): JsonObject {
  const picture = world.db.pictures.get(pictureId);
  const url = picture ? world.storageUrl(picture.blob_id) : '';
  return { '128': url, '512': url };
}
