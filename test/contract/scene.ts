import { families } from './families/index.ts';

type Json = Record<string, unknown>;

/** Records made for one call of a tool, each when it is first asked for, so that nothing a call does is in another's way. */
export class Scene {
  readonly #url: string;
  readonly #token: string;
  readonly #lists: Map<string, Promise<unknown>>;
  readonly #made = new Map<string, Promise<unknown>>();

  /** `lists`: what an account's fields, users and labels are, shared by the scenes of one sandbox. */
  constructor(sandbox: { url: string; token: string }, lists: Map<string, Promise<unknown>>) {
    this.#url = sandbox.url;
    this.#token = sandbox.token;
    this.#lists = lists;
  }

  /** The record that stands at `{…}` after this segment of a path: `deals`, `discounts`, `comments`… */
  at(segment: string, parent: string): Promise<unknown> | undefined {
    if (segment === 'products' && parent === 'deals') return this.line();
    if (segment === 'followers') return this.follower(parent);
    if (segment.endsWith('Fields')) return Promise.resolve(segment === 'activityFields' ? 'subject' : 'owner_id');
    const makers: Record<string, () => Promise<unknown>> = {
      deals: () => this.deal(),
      persons: () => this.person(),
      organizations: () => this.organization(),
      leads: () => this.lead(),
      activities: () => this.activity(),
      activityTypes: () => this.make('type', '/v1/activityTypes', { name: 'Contract type', icon_key: 'car' }),
      leadLabels: () => this.make('label', '/v1/leadLabels', { name: 'Contract label', color: 'red' }),
      notes: () => this.note(),
      comments: async () => this.post('comment', `/v1/notes/${await this.note()}/comments`, { content: 'Hm' }, 'uuid'),
      pipelines: () => this.pipeline(),
      stages: () => this.stage(),
      users: () => this.colleague(),
      discounts: async () =>
        this.post('discount', `/api/v2/deals/${await this.dealWithLine()}/discounts`, {
          description: 'Contract',
          amount: 5,
          type: 'percentage',
        }),
      installments: async () =>
        this.post('installment', `/api/v2/deals/${await this.dealWithLine()}/installments`, {
          description: 'Contract',
          amount: 5,
          billing_date: '2026-12-01',
        }),
    };
    for (const family of families) {
      const found = family.at?.(this, segment, parent);
      if (found) return found;
    }
    return makers[segment]?.();
  }

  async deal(): Promise<number> {
    return this.make('deal', '/api/v2/deals', {
      title: 'Contract deal',
      value: 1200,
      person_id: await this.person(),
      org_id: await this.organization(),
      label_ids: [(await this.labels('deal'))[0]],
      custom_fields: await this.customFields('deal'),
    });
  }

  async person(): Promise<number> {
    return this.make('person', '/api/v2/persons', {
      name: 'Contract Person',
      org_id: await this.organization(),
      emails: [{ value: 'contract@varsa.example' }, { value: 'contract.two@varsa.example' }],
      phones: [{ value: '+49 30 5550100' }, { value: '+49 30 5550101' }],
      label_ids: [(await this.labels('person'))[0]],
    });
  }

  async organization(): Promise<number> {
    const label_ids = [(await this.labels('organization'))[0]];
    return this.make('organization', '/api/v2/organizations', {
      name: 'Contract Organization',
      address: { value: 'Hauptstr. 1, Berlin' },
      label_ids,
    });
  }

  async lead(): Promise<string> {
    return this.make('lead', '/v1/leads', {
      title: 'Contract lead',
      person_id: await this.person(),
      organization_id: await this.organization(),
      label_ids: [(await this.labels('lead'))[0]],
      value: { amount: 300, currency: 'EUR' },
    });
  }

  async activity(): Promise<number> {
    return this.make('activity', '/api/v2/activities', {
      subject: 'Contract activity',
      type: 'call',
      deal_id: await this.deal(),
      due_date: '2026-12-01',
      due_time: '10:30',
      duration: '01:00',
      participants: [{ person_id: await this.person(), primary: true }],
      attendees: [{ email: 'contract@varsa.example', name: 'Contract Person' }],
      location: { value: 'Hauptstr. 1, Berlin' },
      note: '<p>Contract</p>',
    });
  }

  async note(): Promise<number> {
    return this.make('note', '/v1/notes', {
      content: '<p>Contract note</p>',
      deal_id: await this.deal(),
      person_id: await this.person(),
      org_id: await this.organization(),
      pinned_to_deal_flag: 1,
    });
  }

  async pipeline(): Promise<number> {
    return this.make('pipeline', '/api/v2/pipelines', { name: 'Contract pipeline' });
  }

  async stage(): Promise<number> {
    const body = { name: 'Contract stage', pipeline_id: await this.pipeline() };
    return this.make('stage', '/api/v2/stages', body);
  }

  async line(): Promise<number> {
    const body = { product_id: await this.product(), item_price: 100, quantity: 2 };
    return this.make('line', `/api/v2/deals/${await this.deal()}/products`, body);
  }

  async dealWithLine(): Promise<number> {
    await this.line();
    return this.deal();
  }

  async product(): Promise<number> {
    const rows = await this.list(
      'product',
      '/api/v2/itemSearch/field?entity_type=product&field=name&match=middle&term=er',
    );
    return Number(rows[0]?.['id']);
  }

  async me(): Promise<number> {
    return Number((await this.users()).find((user) => user['is_you'] === true)?.['id']);
  }

  async colleague(): Promise<number> {
    return Number((await this.users()).find((user) => user['is_you'] !== true && user['active_flag'] === true)?.['id']);
  }

  users(): Promise<Json[]> {
    return this.list('users', '/v1/users');
  }

  async follower(of: string): Promise<number> {
    const user_id = await this.colleague();
    await this.once(`follower ${of}`, async () =>
      this.send('POST', `/api/v2/${of}/${await this.at(of, '')}/followers`, { user_id }),
    );
    return user_id;
  }

  /** Ids of the labels that an entity has. */
  async labels(entity: string): Promise<unknown[]> {
    if (entity === 'lead') return (await this.list('leadLabels', '/v1/leadLabels')).map(({ id }) => id);
    return this.#options(entity, 'label_ids');
  }

  /** The first option of a field. */
  async option(entity: string, code: string): Promise<unknown> {
    return (await this.#options(entity, code))[0];
  }

  async #options(entity: string, code: string): Promise<unknown[]> {
    const field = (await this.fields(entity)).find(({ field_code }) => field_code === code);
    return ((field?.['options'] ?? []) as Json[]).map(({ id }) => id);
  }

  fields(entity: string): Promise<Json[]> {
    return this.list(`${entity}Fields`, `/api/v2/${entity}Fields?limit=500`);
  }

  /** v1's numeric id of a field. */
  async fieldId(list: string): Promise<unknown> {
    return (await this.list(`v1 ${list}`, `/v1/${list}`))[0]?.['id'];
  }

  /** A value for every custom field of an entity. */
  async customFields(entity: string): Promise<Json> {
    // Leads have the custom fields of deals; v1 takes no zone with their times, so the user's is left unsaid.
    const isLead = entity === 'lead';
    const zone = isLead ? {} : { timezone_name: 'Europe/Berlin' };
    const fields = (await this.fields(isLead ? 'deal' : entity)).filter((field) => field['is_custom_field'] === true);
    const values: Json = {};
    for (const field of fields) {
      const options = (field['options'] ?? []) as Json[];
      const byType: Record<string, unknown> = {
        varchar: 'Contract',
        varchar_auto: 'Contract',
        text: 'Contract, at length',
        double: 1.5,
        monetary: { value: 100, currency: 'EUR' },
        enum: options[0]?.['id'],
        set: options.map(({ id }) => id),
        user: await this.me(),
        phone: '+49 30 5550100',
        time: { value: '09:00:00', ...zone },
        timerange: { value: '09:00:00', until: '10:00:00', ...zone },
        date: '2026-12-01',
        daterange: { value: '2026-12-01', until: '2026-12-31' },
        address: { value: 'Hauptstr. 1, Berlin' },
      };
      const value = byType[String(field['field_type'])];
      if (value !== undefined) values[String(field['field_code'])] = value;
    }
    return values;
  }

  once(key: string, make: () => Promise<unknown>): Promise<unknown> {
    const made = this.#made.get(key) ?? make();
    this.#made.set(key, made);
    return made;
  }

  make<Id>(key: string, path: string, body: Json): Promise<Id> {
    return this.post(key, path, body) as Promise<Id>;
  }

  post(key: string, path: string, body: Json, id = 'id'): Promise<unknown> {
    return this.once(key, async () => ((await this.send('POST', path, body)) as Json)[id]);
  }

  list(key: string, path: string): Promise<Json[]> {
    const read = this.#lists.get(key) ?? this.send('GET', path);
    this.#lists.set(key, read);
    return read as Promise<Json[]>;
  }

  /** Sends a file as a part of multipart/form-data. */
  async upload(
    path: string,
    field: string,
    file: Blob,
    name: string,
    more: Record<string, string> = {},
  ): Promise<unknown> {
    const form = new FormData();
    form.set(field, file, name);
    for (const [key, value] of Object.entries(more)) form.set(key, value);
    const headers = { 'x-api-token': this.#token };
    const response = await fetch(`${this.#url}${path}`, { method: 'POST', headers, body: form });
    const answer = (await response.json()) as Json;
    if (answer['success'] !== true) throw new Error(`POST ${path}: ${JSON.stringify(answer)}`);
    return answer['data'];
  }

  async send(method: string, path: string, body?: Json): Promise<unknown> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { 'x-api-token': this.#token, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Json;
    if (answer['success'] !== true)
      throw new Error(`${method} ${path} ${JSON.stringify(body)}: ${JSON.stringify(answer)}`);
    return answer['data'];
  }
}
