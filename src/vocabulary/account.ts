import { IANAZone } from 'luxon';
import { z } from 'zod/v3';
import type { CallOptions, Client } from '../pipedrive/client.ts';
import { Problem } from './problem.ts';

/** Who the token speaks for. From `GET /users/me`, the only operation that names the company. */
export type Account = {
  /** The user's id: what `me` stands for. */
  readonly userId: number;
  readonly user: string;
  readonly email: string;
  /** IANA name of the user's time zone: people's times are in it, the API's in UTC. */
  readonly zone: string;
  readonly currency: string;
  readonly company: string;
  /** `acme` of `acme.pipedrive.com`. */
  readonly domain: string;
};

const me = z.object({
  id: z.number(),
  name: z.string(),
  email: z.string(),
  // A zone that this machine does not know would show UTC under its name: then it is UTC, and says so.
  timezone_name: z.string().transform((zone) => (IANAZone.isValidZone(zone) ? zone : 'UTC')),
  default_currency: z.string(),
  company_name: z.string(),
  company_domain: z.string(),
});

const WHO_AM_I = { method: 'GET', path: '/api/v1/users/me', cost: 2 } as const;

/** The account behind a client, asked once: a token speaks for one user of one company as long as it lives. */
export class AccountSource {
  readonly #client: Client;
  #known: Account | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  get known(): Account | undefined {
    return this.#known;
  }

  async get(options: CallOptions): Promise<Account> {
    if (this.#known) return this.#known;
    const { data } = await this.#client.request(WHO_AM_I, options);
    const { data: user } = me.safeParse(data);
    if (!user) {
      throw new Problem(
        'Pipedrive did not say whose account this is.',
        'GET /users/me has an unexpected form: the API changed, or something else answered in its place.',
        'Nothing else was sent. Have the user run the `doctor` command of this server.',
      );
    }
    this.#known = {
      userId: user.id,
      user: user.name,
      email: user.email,
      zone: user.timezone_name,
      currency: user.default_currency,
      company: user.company_name,
      domain: user.company_domain,
    };
    return this.#known;
  }
}
