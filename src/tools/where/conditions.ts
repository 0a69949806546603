import type { LinkKind } from '../../catalog/links.ts';
import type { DescribedEntity } from '../../vocabulary/fields.ts';
import { lookUp, unknownName } from '../../vocabulary/lookup.ts';
import type { Entry } from '../../vocabulary/names.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { readLink, refuseOtherCompany, shown } from '../names/link.ts';
import { recordId, userId } from '../names/named.ts';
import { optionsOf } from '../names/resolve.ts';
import type { Run } from '../run.ts';
import { type Conditional, type RecordSubject, subjectsOf } from './subjects.ts';
import { type Condition, parseWhere, type Subject } from './where.ts';
import type { Clock } from './where-value.ts';

export type RecordCondition = { readonly condition: Condition; readonly subject: RecordSubject };

/** What a condition can be about, as far as its words go. */
type WordSubject = Omit<Subject, 'resolve'> & Pick<RecordSubject, 'words'>;
/** What a word of a subject stands for; a stage may be looked for in some pipelines only. */
type Meaning<S> = (subject: S, word: string, pipelines: readonly unknown[]) => Promise<number | string>;

/** Of these Pipedrive has no custom fields, so that no field need be known to read a condition. */
const withoutCustom: readonly Conditional[] = ['activity', 'note'];

/**
 * The conditions of a call, their words as ids. Loads the fields and the kinds of names that the words are of, and no
 * others. Throws Problem, for something that isn't known only after it was looked for anew.
 */
export async function conditionsOf(
  run: Run,
  entity: Conditional,
  texts: readonly string[],
  clock: Clock,
): Promise<readonly RecordCondition[]> {
  const kept = run.vocabulary.fields(entity);
  const before = kept.loadedAt;
  const fields = withoutCustom.includes(entity) ? undefined : await kept.get(run.options);
  const meaning: Meaning<RecordSubject> = (...asked) => meant(run, entity, ...asked);
  const known = new Words(subjectsOf(entity, fields, clock.zone), clock);
  try {
    known.parse(texts);
  } catch (error) {
    const isNew = !fields || before === undefined || kept.loadedAt !== before;
    if (isNew || !(error instanceof Problem)) throw error;
    const renewed = new Words(subjectsOf(entity, await kept.refresh(run.options), clock.zone), clock);
    renewed.parse(texts);
    return renewed.resolved(texts, meaning);
  }
  return known.resolved(texts, meaning);
}

/** Conditions are parsed twice: once to see which words they have, and once more with what these stand for. */
export class Words<S extends WordSubject> {
  readonly #clock: Clock;
  readonly #most: number | undefined;
  readonly #subjects = new Map<Subject, S>();
  readonly #ids = new Map<S, Map<string, number | string>>();

  /** `most`: how many conditions are taken, where it is another number than in lists. */
  constructor(subjects: readonly S[], clock: Clock, most?: number) {
    this.#clock = clock;
    this.#most = most;
    for (const subject of subjects) {
      const { key, type, names, words } = subject;
      const parsed = words ? { resolve: (word: string) => this.#resolve(subject, word) } : {};
      this.#subjects.set({ key, type, names, ...parsed }, subject);
    }
  }

  parse(texts: readonly string[]): readonly Condition[] {
    return parseWhere(texts, [...this.#subjects.keys()], this.#clock, this.#most);
  }

  async resolved(
    texts: readonly string[],
    meaning: Meaning<S>,
  ): Promise<readonly { readonly condition: Condition; readonly subject: S }[]> {
    const words = [...this.#ids].flatMap(([subject, ids]) => [...ids.keys()].map((word) => ({ subject, word, ids })));
    // A stage is looked for in its pipeline, so pipelines come first.
    for (const ofStages of [false, true]) {
      const pipelines = ofStages ? this.#pipelines(texts) : [];
      await Promise.all(
        words
          .filter(({ subject }) => (subject.words === 'stage') === ofStages)
          .map(async ({ subject, word, ids }) => ids.set(word, await meaning(subject, word, pipelines))),
      );
    }
    return this.parse(texts).map((condition) => {
      const subject = this.#subjects.get(condition.subject);
      if (!subject) throw new Error(`no subject ${condition.subject.key}`);
      return { condition, subject };
    });
  }

  /** The pipelines that a record must be in for all conditions to hold. */
  #pipelines(texts: readonly string[]): readonly unknown[] {
    return this.parse(texts).flatMap(({ subject, operator, value = [] }) =>
      subject.key === 'pipeline_id' && operator === '='
        ? value.flatMap((one) => (one.kind === 'word' ? [one.key] : []))
        : [],
    );
  }

  #resolve(subject: S, word: string): number | string {
    const ids = this.#ids.get(subject) ?? new Map<string, number | string>();
    this.#ids.set(subject, ids);
    const id = ids.get(word) ?? word;
    ids.set(word, id);
    return id;
  }
}

/** What a record has where the condition has the word. */
export async function meant(
  run: Run,
  entity: DescribedEntity,
  subject: WordSubject,
  word: string,
  pipelines: readonly unknown[],
): Promise<number | string> {
  const { args, vocabulary, options } = run;
  const kind = subject.words;
  const argument = `where: ${subject.names[0] ?? subject.key}`;
  switch (kind) {
    case undefined:
      return word;
    case 'user':
      return userId(run, word, argument);
    case 'person':
    case 'organization':
      return recordId(run, kind, word, argument);
    case 'currency':
      return currency(run, word, argument);
    case 'pipeline':
    case 'activity_type':
    case 'project_board':
    case 'project_phase':
      return lookUp(vocabulary.names(kind), word, { argument, noun: kind.replaceAll('_', ' ') }, options);
    case 'stage': {
      const inside: readonly unknown[] = args['pipeline_id'] === undefined ? pipelines : [args['pipeline_id']];
      const within = inside.length > 0 ? { within: (one: Entry) => inside.includes(one.within?.id) } : {};
      return lookUp(vocabulary.names(kind), word, { argument, noun: kind, ...within }, options);
    }
    case 'label':
      return lookUp(vocabulary.names('lead_label'), word, { argument, noun: kind }, options);
    case 'option': {
      const source = optionsOf(vocabulary, entity, subject.key);
      // Where the account doesn't say what can be chosen, the word is what Pipedrive keeps.
      if ((await source.get(options)).entries.length === 0) return word;
      return lookUp(source, word, { argument, noun: 'option' }, options);
    }
    default:
      return listedId(run, kind, word, argument);
  }
}

/** Several currencies share a sign: then it is the user's own. */
async function currency({ account, vocabulary, options }: Run, word: string, argument: string): Promise<string> {
  const kept = vocabulary.names('currency');
  const names = await kept.get(options);
  if (names.find(word).some(({ id }) => id === account.currency)) return account.currency;
  const what = { argument, noun: 'currency' };
  if (/^\d+$/.test(word)) throw unknownName(names, word, what);
  return String(await lookUp(kept, word, what, options));
}

/** What is named by its id alone: the number, a link, `Name (14)` as answers show it. */
function listedId({ account }: Run, kind: LinkKind, word: string, argument: string): number | string {
  const text = word.trim();
  if (/^\d+$/.test(text)) return Number(text);
  if (/^https?:\/\//i.test(text)) {
    refuseOtherCompany({ [`${kind}_id`]: text }, account);
    return readLink(text, kind);
  }
  if (kind === 'lead' && /^[0-9a-f-]{36}$/i.test(text)) return text.toLowerCase();
  const known = shown(text.replace(/, overdue$/, ''));
  if (known) return known.id;
  throw new Problem(
    `${argument}: "${text.slice(0, 80)}" is not the id of a record of this kind: ${kind}.`,
    'Several may have one name.',
    kind === 'activity'
      ? 'Give the id as list_activities has it; for when one is due call that with where ["due < today"].'
      : 'Find the id with search_items, then give it as the number alone or as "Name (14)".',
  );
}
