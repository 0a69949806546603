import { z } from 'zod/v3';
import { invalid } from '../error.ts';
import type { Phase } from '../model.ts';
import { field, param } from '../parameters.ts';
import { ok, type Route, route, whole } from '../route.ts';
import { deletion, live, type World } from '../world.ts';
import { arrange, inOrder, newPlaced, placedBody, placedV1, placedV2, placeIn } from './placed.ts';

const body = z.object({ ...placedBody, board_id: field.id }).strict();
const listQuery = z.object({ board_id: param.int.unwrap() });

export const routes: Route[] = [
  route('GET /v2/phases', {
    cost: 10,
    query: listQuery,
    handle: (world, { query }) => whole(phasesOf(world, query.board_id).map(placedV2)),
  }),
  route('GET /v2/phases/{id}', { cost: 10, handle: (world, { int }) => ok(placedV2(livePhase(world, int('id')))) }),
  route('POST /v2/phases', {
    cost: 5,
    body,
    handle(world, { body: { name, board_id, order_nr } }) {
      checkBoard(world, board_id);
      const { phases } = world.db;
      const place = placeIn(phases.where('board_id', board_id), order_nr);
      const phase = phases.insert({ id: phases.nextId(), name, board_id, ...newPlaced(world) });
      put(world, phase, place);
      return ok(placedV2(phase));
    },
  }),
  route('PATCH /v2/phases/{id}', {
    cost: 5,
    body: body.partial(),
    handle(world, { body: { name, board_id, order_nr }, int }) {
      const { db, clock } = world;
      const phase = livePhase(world, int('id'));
      const moved = board_id !== undefined && board_id !== phase.board_id;
      if (moved) checkBoard(world, board_id);
      const siblings = db.phases.where('board_id', board_id ?? phase.board_id);
      const place = moved || order_nr !== undefined ? placeIn(siblings, order_nr) : undefined;
      db.phases.patch(phase, { name, board_id, update_time: clock.stamp() });
      if (moved) db.projects.patchWhere('phase_id', phase.id, { board_id });
      put(world, phase, place);
      return ok(placedV2(phase));
    },
  }),
  route('DELETE /v2/phases/{id}', {
    cost: 3,
    handle(world, { int }) {
      const phase = livePhase(world, int('id'));
      removePhase(world, phase);
      return ok({ id: phase.id });
    },
  }),
  route('GET /v1/projects/phases', {
    cost: 20,
    query: listQuery,
    handle: (world, { query }) => whole(phasesOf(world, query.board_id).map(placedV1)),
  }),
  route('GET /v1/projects/phases/{id}', {
    cost: 2,
    handle: (world, { int }) => whole(placedV1(livePhase(world, int('id')))),
  }),
];

/** The phases of a board in their order; none for a board that there is not. */
export function phasesOf({ db }: World, boardId: number): Phase[] {
  return inOrder(db.phases.where('board_id', boardId));
}

/** Deletes a phase; its projects stay on the board, in no phase. */
export function removePhase(world: World, phase: Phase): void {
  world.db.projects.patchWhere('phase_id', phase.id, { phase_id: null });
  world.db.phases.patch(phase, deletion(world));
}

/** 400 for a board that a body names and that does not exist. */
export function checkBoard({ db }: World, id: number): void {
  if (db.boards.get(id)?.is_deleted !== false) throw invalid(`Board ${id} not found`);
}

function livePhase({ db }: World, id: number): Phase {
  return live(db.phases, id, 'Phase');
}

function put({ db }: World, phase: Phase, place: number | undefined): void {
  arrange(db.phases.where('board_id', phase.board_id), phase, place, (row, order_nr) =>
    db.phases.patch(row, { order_nr }),
  );
}
