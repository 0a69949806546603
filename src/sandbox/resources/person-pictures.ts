import { z } from 'zod/v3';
import { invalid, notFound } from '../error.ts';
import { Upload } from '../front/upload.ts';
import { readImage } from '../image.ts';
import type { Person, Picture } from '../model.ts';
import { field, loose } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import { pictureView } from '../views/picture.ts';
import type { World } from '../world.ts';
import { livePerson } from './persons.ts';

/** Pixels of a side. */
const SMALLEST = 128;

const crop = loose.int.refine((value) => value >= 0, 'The value must not be negative').optional();
const body = z.object({
  file: field.file,
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
      const { add_time: _, ...shown } = pictureView(world, person.id, picture);
      return ok({ id: picture.id, ...shown, file_size: picture.file_size });
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
      return ok({ id: picture.id, ...pictureView(world, person.id, picture), update_time: '0000-00-00 00:00:00' });
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

function pictureOf(world: World, personId: number): { person: Person; picture: Picture } {
  const person = livePerson(world, personId);
  const picture = world.db.pictures.get(person.picture_id ?? 0);
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

function removePicture(world: World, { picture_id }: Person): void {
  const { pictures } = world.db;
  const picture = pictures.get(picture_id ?? 0);
  if (!picture) return;
  world.discard(picture.blob_id);
  pictures.remove(picture);
}
