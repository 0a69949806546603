/** What was made under a key, or why it was not. */
type Outcome = { readonly id: number } | { readonly error: unknown };

/** What rows of a file make for others: whoever needs one waits until its maker has said what became of it. */
export class MadeByRows {
  readonly #outcomes = new Map<
    string,
    { readonly known: Promise<Outcome>; readonly tell: (outcome: Outcome) => void }
  >();

  /** The id that the maker tells. Rejects with what kept it from being made. */
  async wait(key: string): Promise<number> {
    const outcome = await this.#at(key).known;
    if ('error' in outcome) throw outcome.error;
    return outcome.id;
  }

  /** The first word counts. */
  tell(key: string, outcome: Outcome): void {
    this.#at(key).tell(outcome);
  }

  #at(key: string) {
    const there = this.#outcomes.get(key);
    if (there) return there;
    let tell: (outcome: Outcome) => void = () => undefined;
    const known = new Promise<Outcome>((resolve) => {
      tell = resolve;
    });
    const one = { known, tell };
    this.#outcomes.set(key, one);
    return one;
  }
}
