import { v1Time } from '../clock.ts';
import type { JsonObject } from '../json.ts';
import type { Picture } from '../model.ts';
import type { World } from '../world.ts';

/** Where a person's picture is, in its two sizes. The sandbox resizes nothing: both are the picture as it was sent. */
export function pictureUrls(world: World, pictureId: number): JsonObject {
  const picture = world.db.pictures.get(pictureId);
  const url = picture ? world.storageUrl(picture.blob_id) : '';
  return { '128': url, '512': url };
}

/** A person's picture as it is shown by itself and in the person. */
export function pictureView(world: World, personId: number, { id, added_by_user_id, add_time }: Picture): JsonObject {
  return {
    item_type: 'person',
    item_id: personId,
    added_by_user_id,
    active_flag: true,
    add_time: v1Time(add_time),
    pictures: pictureUrls(world, id),
  };
}
