import { z } from 'zod/v3';
import type { Board } from '../model.ts';
import { ok, type Route, route, whole } from '../route.ts';
import { deletion, live, type World } from '../world.ts';
import { arrange, inOrder, newPlaced, placedBody, placedV1, placedV2, placeIn } from './placed.ts';
import { removePhase } from './project-phases.ts';

const body = z.object(placedBody).strict();

export const routes: Route[] = [
  route('GET /v2/boards', {
    cost: 10,
    handle: ({ db }) => whole(inOrder(db.boards.all()).map(placedV2)),
  }),
  route('GET /v2/boards/{id}', { cost: 10, handle: (world, { int }) => ok(placedV2(liveBoard(world, int('id')))) }),
  route('POST /v2/boards', {
    cost: 5,
    body,
    handle(world, { body }) {
      const { boards } = world.db;
      const order_nr = placeIn(boards.all(), body.order_nr);
      const board = boards.insert({ id: boards.nextId(), name: body.name, ...newPlaced(world) });
      arrange(boards.all(), board, order_nr, (row, place) => boards.patch(row, { order_nr: place }));
      return ok(placedV2(board));
    },
  }),
  route('PATCH /v2/boards/{id}', {
    cost: 5,
    body: body.partial(),
    handle(world, { body: { name, order_nr }, int }) {
      const { boards } = world.db;
      const board = liveBoard(world, int('id'));
      const place = order_nr === undefined ? undefined : placeIn(boards.all(), order_nr);
      boards.patch(board, { name, update_time: world.clock.stamp() });
      arrange(boards.all(), board, place, (row, order) => boards.patch(row, { order_nr: order }));
      return ok(placedV2(board));
    },
  }),
  route('DELETE /v2/boards/{id}', {
    cost: 3,
    handle(world, { int }) {
      const { db } = world;
      const board = liveBoard(world, int('id'));
      for (const phase of inOrder(db.phases.where('board_id', board.id))) removePhase(world, phase);
      // A project may be on no board.
      db.projects.patchWhere('board_id', board.id, { board_id: null });
      db.boards.patch(board, deletion(world));
      return ok({ id: board.id });
    },
  }),
  route('GET /v1/projects/boards', {
    cost: 20,
    handle: ({ db }) => whole(inOrder(db.boards.all()).map(placedV1)),
  }),
  route('GET /v1/projects/boards/{id}', {
    cost: 2,
    handle: (world, { int }) => whole(placedV1(liveBoard(world, int('id')))),
  }),
];

/** The board of that id, 404 where it is unknown or deleted. */
function liveBoard({ db }: World, id: number): Board {
  return live(db.boards, id, 'Board');
}
