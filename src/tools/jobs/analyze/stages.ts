import { isObject, type JsonObject } from '../../../pipedrive/json.ts';
import { Names } from '../../../vocabulary/names.ts';
import { type Run, rowsOf } from '../../run.ts';

/** The account's pipelines and stages as they are now: their names, their order, and how likely deals in them are won. */
export class Stages {
  readonly pipelines: Names;
  readonly stages: Names;
  readonly #chances = new Map<number, number>();
  readonly #reckons = new Set<number>();

  private constructor(pipelines: readonly JsonObject[], stages: readonly JsonObject[]) {
    const named = inOrder(pipelines);
    this.pipelines = new Names(named.map(({ id, name }) => ({ id: Number(id), name: String(name) })));
    for (const { id, is_deal_probability_enabled: on } of pipelines) if (on === true) this.#reckons.add(Number(id));
    const ordered = named.flatMap(({ id, name }) =>
      inOrder(stages)
        .filter((stage) => stage['pipeline_id'] === id)
        .map((stage) => ({ stage, within: { id: Number(id), name: String(name) } })),
    );
    this.stages = new Names(
      ordered.map(({ stage, within }) => ({ id: Number(stage['id']), name: String(stage['name']), within })),
    );
    for (const { id, deal_probability: percent } of stages) {
      if (typeof percent === 'number') this.#chances.set(Number(id), percent);
    }
  }

  /** Two requests, 10 API tokens. */
  static async load(run: Run): Promise<Stages> {
    const [pipelines, stages] = await Promise.all([every(run, '/api/v2/pipelines'), every(run, '/api/v2/stages')]);
    return new Stages(pipelines, stages);
  }

  /**
   * How likely a deal is won, in percent, as Pipedrive weighs values: its own probability, else that of its stage where
   * its pipeline goes by probabilities, else 100.
   */
  chance({ probability, pipeline_id, stage_id }: JsonObject): number {
    if (typeof probability === 'number') return probability;
    return this.#reckons.has(Number(pipeline_id)) ? (this.#chances.get(Number(stage_id)) ?? 100) : 100;
  }
}

async function every({ client, options }: Run, path: string): Promise<JsonObject[]> {
  const rows: JsonObject[] = [];
  const request = { method: 'GET' as const, path, query: { limit: 500 }, cost: 5 };
  for await (const { data } of client.pages(request, options)) rows.push(...rowsOf(data, undefined).filter(isObject));
  return rows;
}

function inOrder(rows: readonly JsonObject[]): JsonObject[] {
  return rows.toSorted((a, b) => Number(a['order_nr']) - Number(b['order_nr']));
}
