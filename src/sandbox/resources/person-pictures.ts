import { z } from 'zod/v3';
import { v1Time } from '../clock.ts';
import { invalid, notFound } from '../error.ts';
import { readImage } from '../image.ts';
import type { Model, Person } from '../model.ts';
import { loose } from '../parameters.ts';
import { pictureUrls } from '../pictures.ts';
import { ok, type Route, route } from '../route.ts';
import { Upload } from '../upload.ts';
import type { World } from '../world.ts';
import { livePerson } from './persons.ts';

/** Pixels of a side. */
const SMALLEST = 128;

const crop = loose.int.refine((value) => value >= 0, 'The value must not be negative').optional();
const body = z.object({
  file: z.instanceof(Upload, { message: 'Field is required' }),
  crop_x: crop,
  crop_y: crop,
  crop_width: crop,
  crop_height: crop,
});

export const routes: Route[] = [
  route('GET /v2/persons/{id}/picture', {
    cost: 1,
    handle(world, { int }) {
      const { person, picture } = pictureOf(world, int('id'));
      const { add_time: _, ...shown } = pictureView(world, person, picture);
      return ok({ ...shown, file_size: picture.file_size });
    },
  }),
  route('POST /v1/persons/{id}/picture', {
    cost: 10,
    body,
    handle(world, { int, body: { file, ...area } }) {
      const { db, clock } = world;
      const person = livePerson(world, int('id'));
      const image = readImage(file.bytes);
      if (!image) throw invalid('The file is not a GIF, JPG or PNG image');
      checkSquare(image, area);
      removePicture(world, person);
      const picture = db.pictures.insert({
        id: db.pictures.nextId(),
        added_by_user_id: world.me().id,
        blob_id: world.store(new Upload(file.name, image.type, file.bytes)),
        file_size: file.bytes.length,
        add_time: clock.stamp(),
      });
      db.persons.patch(person, { picture_id: picture.id, update_time: clock.stamp() });
      return ok({ ...pictureView(world, person, picture), update_time: '0000-00-00 00:00:00' });
    },
  }),
  route('DELETE /v1/persons/{id}/picture', {
    cost: 6,
    handle(world, { int }) {
      const { person, picture } = pictureOf(world, int('id'));
      removePicture(world, person);
      world.db.persons.patch(person, { picture_id: null, update_time: world.clock.stamp() });
      return ok({ id: picture.id });
    },
  }),
];

type Picture = Model['pictures'];

function pictureOf(world: World, personId: number): { person: Person; picture: Picture } {
  const person = livePerson(world, personId);
  const picture = person.picture_id === null ? undefined : world.db.pictures.get(person.picture_id);
  if (!picture) throw notFound('Picture');
  return { person, picture };
}

/** The picture, or the part that is cropped out of it, has to be a square that is large enough. */
function checkSquare(
  { width, height }: { width: number; height: number },
  { crop_x = 0, crop_y = 0, crop_width, crop_height }: Omit<z.output<typeof body>, 'file'>,
): void {
  const wide = crop_width ?? (crop_height === undefined ? width - crop_x : crop_height);
  const high = crop_height ?? (crop_width === undefined ? height - crop_y : crop_width);
  if (crop_x + wide > width || crop_y + high > height) throw invalid('The cropping area lies outside the image');
  if (wide !== high) throw invalid('The image should have an equal width and height');
  if (wide < SMALLEST) throw invalid(`The image should be at least ${SMALLEST} pixels wide`);
}

function removePicture({ db }: World, { picture_id }: Person): void {
  const picture = picture_id === null ? undefined : db.pictures.get(picture_id);
  if (!picture) return;
  const blob = db.blobs.get(picture.blob_id);
  if (blob) db.blobs.remove(blob);
  db.pictures.remove(picture);
}

function pictureView(world: World, { id: item_id }: Person, { id, added_by_user_id, add_time }: Picture) {
  return {
    id,
    item_type: 'person',
    item_id,
    added_by_user_id,
    active_flag: true,
    add_time: v1Time(add_time),
    pictures: pictureUrls(world, id),
  };
}
