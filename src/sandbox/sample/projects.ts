import { insertCustomField } from '../fields/builtin.ts';
import { recordChange } from '../history.ts';
import type { Activity, Field, PlanItem, Project, Task } from '../model.ts';
import { blankActivity } from '../resources/activities.ts';
import { insertGroup } from '../resources/projects.ts';
import { DAY, date, HOUR, officeTime, stamp, workday } from './calendar.ts';
import { callName, type Filling, options, type Story, stream } from './filling.ts';
import type { Random } from './random.ts';

/** A task of a plan: its group, the phase it belongs to, the days from the start to its due date, its subtasks. */
type Step = {
  title: string;
  group: string;
  phase: number;
  day: number;
  milestone?: true;
  parts?: readonly string[];
};
type Plan = {
  board: string;
  phases: readonly string[];
  template: string;
  description: string;
  prefix: string;
  days: number;
  steps: readonly Step[];
};

const installation: Plan = {
  board: 'Installations',
  phases: ['Kick-off', 'Site preparation', 'Installation', 'Commissioning', 'Handover'],
  template: 'Probe installation',
  description: 'From the signed offer to the handover of probes, gateway and cloud access.',
  prefix: 'Installation',
  days: 70,
  steps: [
    { title: 'Kick-off call with the customer', group: 'Preparation', phase: 0, day: 4 },
    { title: 'Confirm scope and delivery dates', group: 'Preparation', phase: 0, day: 8 },
    {
      title: 'Site survey',
      group: 'Preparation',
      phase: 1,
      day: 15,
      parts: ['Photos of the measuring points', 'Check power and network'],
    },
    { title: 'Order mounting parts', group: 'Preparation', phase: 1, day: 19 },
    { title: 'Probes delivered', group: 'On site', phase: 2, day: 35, milestone: true },
    {
      title: 'Mount probes and gateway',
      group: 'On site',
      phase: 2,
      day: 40,
      parts: ['Mount probes', 'Wire the gateway', 'Label the cables'],
    },
    { title: 'Set up alarms in the cloud', group: 'On site', phase: 3, day: 46 },
    { title: 'Reference measurements', group: 'On site', phase: 3, day: 52 },
    { title: 'Acceptance signed', group: 'Handover', phase: 4, day: 60, milestone: true },
    { title: 'Train the operators', group: 'Handover', phase: 4, day: 64 },
    { title: 'Send the final documentation', group: 'Handover', phase: 4, day: 70 },
  ],
};

const service: Plan = {
  board: 'Service year',
  phases: ['Planned', 'Scheduled', 'On site', 'Report'],
  template: 'Annual calibration',
  description: 'The yearly visit: calibration of all probes, spare parts, report.',
  prefix: 'Service',
  days: 45,
  steps: [
    { title: 'Agree on the date of the visit', group: 'Planning', phase: 0, day: 6 },
    { title: 'Order calibration standards', group: 'Planning', phase: 1, day: 12 },
    { title: 'Calibrate the probes', group: 'Visit', phase: 2, day: 26, parts: ['pH and conductivity', 'Oxygen'] },
    { title: 'Replace worn parts', group: 'Visit', phase: 2, day: 27 },
    { title: 'Visit completed', group: 'Visit', phase: 2, day: 28, milestone: true },
    { title: 'Write the calibration report', group: 'Report', phase: 3, day: 38 },
    { title: 'Review the report with the customer', group: 'Report', phase: 3, day: 45 },
  ],
};

type Board = { plan: Plan; id: number; phases: number[] };

/** What became of deals that were won: projects with tasks and activities, on two boards with a template each. */
export function insertProjects(filling: Filling, stories: readonly Story[]): void {
  const { world, now, since, deals } = filling;
  const random = stream(filling, 'projects');
  const pipelines = world.db.pipelines.all();
  const boards = [installation, service].map((plan, index) => insertBoard(filling, plan, since + index * 90 * DAY));
  const fields = insertFields(random, filling);
  const won = stories
    .filter(({ deal, until }) => deal.status === 'won' && !deal.is_deleted && until < now - 12 * DAY)
    .sort((a, b) => a.until - b.until);
  const count = Math.ceil(deals * 0.055);
  // Mostly what is being worked on, and a few that ended long ago.
  const old = random.some(won.slice(0, -count), Math.ceil(count / 4));
  for (const [index, story] of [...old, ...won.slice(-count)].entries()) {
    const [first, second] = boards;
    const board = story.deal.pipeline_id === pipelines[1]?.id ? second : first;
    if (board) insertProject(random, filling, story, board, fields, index === 0);
  }
}

function insertBoard({ world }: Filling, plan: Plan, time: number): Board {
  const { db } = world;
  const dated = { is_deleted: false, delete_time: null, add_time: stamp(time), update_time: stamp(time) };
  const board = db.boards.insert({ id: db.boards.nextId(), name: plan.board, order_nr: db.boards.size + 1, ...dated });
  const phases = plan.phases.map(
    (name, index) =>
      db.phases.insert({ id: db.phases.nextId(), name, board_id: board.id, order_nr: index + 1, ...dated }).id,
  );
  db.projectTemplates.insert({
    id: db.projectTemplates.nextId(),
    title: plan.template,
    description: plan.description,
    projects_board_id: board.id,
    owner_id: world.me().id,
    tasks: plan.steps.map(({ title, group, phase, day, milestone }) => ({
      title,
      group,
      phase_id: phases[phase] ?? 0,
      day,
      is_milestone: milestone ?? false,
    })),
    ...dated,
  });
  return { plan, id: board.id, phases };
}

type Fields = Record<'kind' | 'point' | 'manager', Field>;

function insertFields(random: Random, { world }: Filling): Fields {
  const add = (field_name: string, field_type: 'enum' | 'double' | 'user', options?: readonly string[]) =>
    insertCustomField(world, {
      entity: 'project',
      field_name,
      field_type,
      field_code: random.hex(40),
      ...(options ? { options: options.map((label) => ({ label })) } : {}),
    });
  return {
    kind: add('Kind of work', 'enum', ['New installation', 'Replacement', 'Extension', 'Service']),
    point: add('Number of measuring points', 'double'),
    manager: add('Service engineer', 'user'),
  };
}

function insertProject(
  random: Random,
  filling: Filling,
  story: Story,
  { plan, id: board_id, phases }: Board,
  fields: Fields,
  archived: boolean,
): void {
  const { world, now } = filling;
  const { db } = world;
  const { deal, person } = story;
  const added = Math.min(officeTime(random, story.until + random.int(1, 6) * DAY, story.zone), now - DAY);
  const ended = added + (plan.days + random.int(-4, 20)) * DAY;
  const isOver = ended < now;
  const canceled = isOver && !archived && random.chance(0.1);
  // Real projects lag behind their plans.
  const lag = random.int(0, 12);
  const today = isOver ? plan.days : Math.max(0, Math.floor((now - added) / DAY) - lag);
  const reached = plan.steps.filter(({ day }) => day <= today).at(-1)?.phase ?? 0;
  const active = db.users.all().filter((user) => user.active_flag);
  const owner = active.find(({ id }) => id === deal.owner_id) ?? random.pick(active);
  const kinds = fields.kind.options ?? [];
  const health = options(filling, 'project', 'health_status');
  const labels = options(filling, 'project', 'label_ids');
  const archiveTime = archived ? stamp(Math.min(now, ended + 30 * DAY)) : null;
  const project = db.projects.insert({
    id: db.projects.nextId(),
    title: `${plan.prefix}: ${deal.title}`,
    description: plan.description,
    status: canceled ? 'canceled' : isOver ? 'completed' : 'open',
    status_change_time: stamp(isOver ? ended : added),
    board_id,
    phase_id: phases[reached] ?? null,
    owner_id: owner.id,
    start_date: date(workday(added + 2 * DAY, 'after')),
    end_date: date(workday(added + plan.days * DAY, 'after')),
    deal_ids: [deal.id],
    person_ids: person ? [person.id] : [],
    org_ids: deal.org_id === null ? [] : [deal.org_id],
    label_ids: random.chance(0.4) && labels.length > 0 ? [random.pick(labels).id] : [],
    health_status: isOver ? null : (health[lag > 9 ? 2 : lag > 5 ? 1 : 0]?.id ?? null),
    archive_time: archiveTime,
    custom_fields: {
      [fields.kind.field_code]: (plan === service ? kinds.at(-1) : random.pick(kinds.slice(0, 3)))?.id ?? null,
      [fields.point.field_code]: random.int(1, 24),
      [fields.manager.field_code]: random.pick(active).id,
    },
    is_deleted: false,
    delete_time: null,
    add_time: stamp(added),
    update_time: archiveTime ?? stamp(isOver ? ended : Math.max(added, now - random.int(0, 5) * DAY - HOUR)),
  });
  insertPast(random, filling, project, { phases, reached, added, until: isOver ? ended : now });
  const groups = new Map<string, number>();
  for (const { group } of plan.steps)
    if (!groups.has(group)) groups.set(group, insertGroup(world, project.id, group, groups.size + 1));
  for (const step of plan.steps) {
    const place = { phase_id: phases[step.phase] ?? null, group_id: groups.get(step.group) ?? null };
    const isDone = !canceled && step.day <= today;
    insertTasks(random, filling, { project, step, added, isDone, place });
  }
  insertVisits(random, filling, story, project, { added, until: isOver ? ended : now, phase_id: project.phase_id });
}

/** The phases that it passed, as its changelog tells them. */
function insertPast(
  random: Random,
  { world }: Filling,
  project: Project,
  { phases, reached, added, until }: { phases: readonly number[]; reached: number; added: number; until: number },
): void {
  const zone = world.db.users.get(project.owner_id)?.timezone_name ?? 'UTC';
  const by = (time: number) => ({ user_id: project.owner_id, time: stamp(time), change_source: 'app' as const });
  for (let step = 1; step <= reached; step += 1) {
    const time = officeTime(random, added + ((until - added) * step) / (reached + 1), zone);
    recordChange(world, 'project', project.id, 'phase_id', phases[step - 1] ?? null, phases[step] ?? null, by(time));
  }
  if (project.status !== 'open')
    recordChange(world, 'project', project.id, 'status', 'open', project.status, by(until));
}

type Work = {
  project: Project;
  step: Step;
  added: number;
  isDone: boolean;
  place: Pick<PlanItem, 'phase_id' | 'group_id'>;
};

function insertTasks(random: Random, { world, now }: Filling, { project, step, added, isDone, place }: Work): void {
  const { db } = world;
  const others = db.users.all().filter((user) => user.active_flag && user.id !== project.owner_id);
  const due = workday(added + step.day * DAY, 'before');
  const insert = (title: string, parent: Task | undefined, done: boolean) => {
    const doneAt = done ? stamp(Math.min(now, due + random.int(-2, 2) * DAY)) : null;
    const task = db.tasks.insert({
      id: db.tasks.nextId(),
      title,
      creator_id: project.owner_id,
      description: null,
      project_id: project.id,
      is_done: done,
      is_milestone: parent === undefined && step.milestone === true,
      due_date: date(due),
      start_date: step.milestone ? null : date(workday(due - 3 * DAY, 'before')),
      parent_task_id: parent?.id ?? null,
      assignee_ids:
        parent?.assignee_ids ??
        assignees(
          random,
          project.owner_id,
          others.map(({ id }) => id),
        ),
      priority: null,
      marked_as_done_time: doneAt,
      is_deleted: false,
      delete_time: null,
      add_time: stamp(added),
      update_time: doneAt ?? stamp(added),
    });
    db.planItems.insert({ id: `task ${task.id}`, project_id: project.id, ...place });
    return task;
  };
  const task = insert(step.title, undefined, isDone);
  for (const part of step.parts ?? []) insert(part, task, isDone || (due < now && random.chance(0.5)));
}

function assignees(random: Random, owner: number, others: readonly number[]): number[] {
  if (random.chance(0.12)) return [];
  const first = random.chance(0.5) ? owner : random.pick(others);
  return random.chance(0.2) ? [...new Set([first, random.pick(others)])] : [first];
}

/** A visit that took place, and while it goes on the next one. */
function insertVisits(
  random: Random,
  { world, now }: Filling,
  { customer, person }: Story,
  project: Project,
  { added, until, phase_id }: { added: number; until: number; phase_id: number | null },
): void {
  const { db } = world;
  const zone = db.users.get(project.owner_id)?.timezone_name ?? 'UTC';
  const insert = (subject: string, type: string, due: number, done: boolean) => {
    const activity: Activity = {
      id: db.activities.nextId(),
      ...blankActivity,
      subject,
      type,
      owner_id: project.owner_id,
      creator_user_id: project.owner_id,
      project_id: project.id,
      person_id: person?.id ?? null,
      org_id: project.org_ids[0] ?? null,
      due_date: date(due),
      due_time: stamp(due).slice(11, 19),
      duration: type === 'meeting' ? '02:00:00' : '00:30:00',
      busy: type === 'meeting',
      done,
      marked_as_done_time: done ? stamp(Math.min(now, due + 2 * HOUR)) : null,
      location: type === 'meeting' ? (customer?.organization.address ?? null) : null,
      participants: person ? [{ person_id: person.id, primary: true }] : [],
      add_time: stamp(Math.max(added, Math.min(now, due) - 5 * DAY)),
      update_time: stamp(done ? Math.min(now, due + 2 * HOUR) : Math.max(added, Math.min(now, due) - 5 * DAY)),
    };
    db.activities.insert(activity);
    db.planItems.insert({ id: `activity ${activity.id}`, project_id: project.id, phase_id, group_id: null });
  };
  const kickOff = officeTime(random, added + random.int(1, 7) * DAY, zone, 'after');
  insert(`Kick-off with ${callName(person)}`, 'call', kickOff, kickOff < until);
  if (project.status !== 'open') return;
  const visit = officeTime(random, now + random.int(2, 14) * DAY, zone, 'after');
  insert('Site visit: progress and open points', 'meeting', visit, false);
}
