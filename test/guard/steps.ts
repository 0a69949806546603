import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/pipedrive/json.ts';
import type { Account } from './account.ts';

/** One write: what is done, to which of the records there are, with which value. */
export type Step = {
  readonly what: (typeof whats)[number];
  readonly a: number;
  readonly b: number;
  readonly c: number;
};
const whats = [
  'create deal',
  'update deal',
  'update deal',
  'close deal',
  'delete deal',
  'create person',
  'update person',
  'update person',
  'delete person',
  'create organization',
  'update organization',
  'delete organization',
  'create activity',
  'update activity',
  'delete activity',
  'create note',
  'update note',
  'delete note',
  'create lead',
  'update lead',
  'delete lead',
  'create product',
  'update product',
  'delete product',
  'create label',
  'update label',
  'delete label',
  'create field',
  'update field',
  'delete field',
  'set field',
  'set lead field',
  'add option',
  'rename option',
  'remove option',
  'follow',
  'unfollow',
  'participate',
  'leave',
  'add line',
  'update line',
  'remove line',
  'add lines',
  'remove lines',
  'duplicate deal',
] as const;

export const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(...whats),
  a: fc.nat(1_000),
  b: fc.nat(1_000),
  c: fc.nat(1_000),
});

export async function take(of: Account, { what, a, b, c }: Step): Promise<void> {
  // biome-ignore lint/suspicious/noExplicitAny: rows of every kind
  const all = async (path: string): Promise<any[]> => (await of.get(path)) ?? [];
  const pick = async (path: string, at: number) => {
    const rows = await all(path);
    return rows[at % Math.max(1, rows.length)];
  };
  const deal = () => pick('/api/v2/deals?limit=500', a);
  const person = (at = a) => pick('/api/v2/persons?limit=500', at);
  const organization = (at = a) => pick('/api/v2/organizations?limit=500', at);
  const lead = () => pick('/api/v1/leads?limit=500', a);
  const product = (at = a) => pick('/api/v2/products?limit=500', at);
  const field = async () => {
    const fields = await all('/api/v2/dealFields?limit=500');
    const custom = fields.filter((one) => one.is_custom_field);
    return custom[a % Math.max(1, custom.length)];
  };
  const send = async (
    method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    path: string,
    body?: Json,
    query?: Record<string, string>,
  ) => {
    // What the API refuses is a write that never happened.
    await of.write(method, path, body, query).catch((error) => {
      if (error.code !== 'invalid' && error.code !== 'not_found') throw error;
    });
  };
  const some = (value: Json, at: number): Json => (at % 4 === 0 ? null : value);
  const [verb, kind] = what.split(' ');
  switch (what) {
    case 'create deal': {
      const body = {
        title: `Deal ${b}`,
        value: b,
        person_id: (await person(b))?.id ?? null,
        org_id: (await organization(c))?.id ?? null,
      };
      return send('POST', '/api/v2/deals', body);
    }
    case 'update deal': {
      const id = (await deal())?.id;
      const bodies: JsonObject[] = [
        { title: `New ${b}`, value: b },
        { person_id: some((await person(b))?.id ?? null, c) },
        { org_id: some((await organization(b))?.id ?? null, c) },
        { stage_id: (await pick('/api/v2/stages', b)).id, probability: some(50, c) },
        { expected_close_date: '2026-12-24', label_ids: [] },
      ];
      return id && send('PATCH', `/api/v2/deals/${id}`, bodies[c % bodies.length]);
    }
    case 'close deal': {
      const id = (await deal())?.id;
      const bodies: JsonObject[] = [{ status: 'won' }, { status: 'lost', lost_reason: 'x' }, { status: 'open' }];
      return id && send('PATCH', `/api/v2/deals/${id}`, bodies[b % 3]);
    }
    case 'create person':
      return send('POST', '/api/v2/persons', {
        name: `P ${b}`,
        org_id: (await organization(c))?.id ?? null,
        emails: [{ value: `p${b}@x.example` }],
      });
    case 'update person': {
      const id = (await person())?.id;
      const bodies: JsonObject[] = [
        { name: `Q ${b}` },
        { org_id: some((await organization(b))?.id ?? null, c) },
        { phones: [{ value: `${b}`, label: 'work', primary: true }] },
      ];
      return id && send('PATCH', `/api/v2/persons/${id}`, bodies[c % 3]);
    }
    case 'create organization':
      return send('POST', '/api/v2/organizations', { name: `O ${b}`, address: { value: 'Some street' } });
    case 'update organization': {
      const id = (await organization())?.id;
      const bodies: JsonObject[] = [
        { name: `O ${b}` },
        { address: { value: `Street ${b}` } },
        { website: some('https://x.example', c), annual_revenue: some(5, b) },
      ];
      return id && send('PATCH', `/api/v2/organizations/${id}`, bodies[c % 3]);
    }
    case 'create activity':
      return send('POST', '/api/v2/activities', {
        subject: `A ${b}`,
        deal_id: (await deal())?.id ?? null,
        participants: [{ person_id: (await person(c))?.id ?? 1 }],
        due_date: '2026-12-01',
        due_time: '10:30',
        duration: '00:30',
      });
    case 'update activity': {
      const id = (await pick('/api/v2/activities?limit=500', a))?.id;
      const bodies: JsonObject[] = [
        { subject: `A ${b}`, done: b % 2 === 0 },
        { deal_id: some((await pick('/api/v2/deals?limit=500', b))?.id ?? null, c) },
        { lead_id: (await pick('/api/v1/leads?limit=500', b))?.id ?? null },
        { org_id: some((await organization(b))?.id ?? null, c) },
        { participants: [{ person_id: (await person(b))?.id ?? 1, primary: true }] },
        { location: { value: `Place ${b}` }, note: `<p>${c}</p>`, due_time: null },
      ];
      return id && send('PATCH', `/api/v2/activities/${id}`, bodies[c % bodies.length]);
    }
    case 'create note': {
      const links: JsonObject[] = [
        { deal_id: (await deal())?.id ?? 1, pinned_to_deal_flag: 1 },
        { person_id: (await person())?.id ?? 1 },
        { org_id: (await organization())?.id ?? 1 },
      ];
      return send('POST', '/api/v1/notes', { content: `<p>N ${b}</p>`, ...links[c % 3] });
    }
    case 'update note': {
      const id = (await pick('/api/v1/notes?limit=500', a))?.id;
      const bodies: JsonObject[] = [
        { content: `<p>M ${b}</p>` },
        { person_id: (await person(b))?.id ?? null },
        { deal_id: null },
        { deal_id: (await pick('/api/v2/deals?limit=500', b))?.id ?? null, pinned_to_deal_flag: 1 },
      ];
      return id && send('PUT', `/api/v1/notes/${id}`, bodies[c % 4]);
    }
    case 'create lead':
      return send('POST', '/api/v1/leads', {
        title: `L ${b}`,
        person_id: (await person())?.id ?? 1,
        value: { amount: b, currency: 'EUR' },
      });
    case 'update lead': {
      const id = (await lead())?.id;
      const label = (await pick('/api/v1/leadLabels', b))?.id;
      const bodies: JsonObject[] = [
        { title: `L ${b}` },
        { organization_id: some((await organization(b))?.id ?? null, c) },
        { label_ids: label ? [label] : [] },
        { value: some({ amount: b, currency: 'USD' }, b) },
        { is_archived: true },
        { was_seen: true, expected_close_date: some('2026-12-24', b) },
      ];
      return id && send('PATCH', `/api/v1/leads/${id}`, bodies[c % bodies.length]);
    }
    case 'create product':
      return send('POST', '/api/v2/products', { name: `R ${b}`, prices: [{ currency: 'EUR', price: b }], tax: 19 });
    case 'update product': {
      const id = (await product())?.id;
      const bodies: JsonObject[] = [
        { name: `R ${b}` },
        { prices: [{ currency: 'USD', price: b }] },
        { code: `c${b}`, description: 'd' },
        { billing_frequency: 'monthly', billing_frequency_cycles: 3 },
      ];
      return id && send('PATCH', `/api/v2/products/${id}`, bodies[c % 4]);
    }
    case 'delete deal':
    case 'delete person':
    case 'delete organization':
    case 'delete activity':
    case 'delete product': {
      const plural = kind === 'activity' ? 'activities' : `${kind}s`;
      const id = (await pick(`/api/v2/${plural}?limit=500`, a))?.id;
      return id && send('DELETE', `/api/v2/${plural}/${id}`);
    }
    case 'delete note':
    case 'delete lead': {
      const id = (await pick(`/api/v1/${kind}s?limit=500`, a))?.id;
      return id && send('DELETE', `/api/v1/${kind}s/${id}`);
    }
    case 'create label':
      return send('POST', '/api/v1/leadLabels', { name: `Label ${b}`, color: 'red' });
    case 'update label':
    case 'delete label': {
      const id = (await pick('/api/v1/leadLabels', a))?.id;
      return (
        id &&
        (verb === 'update'
          ? send('PATCH', `/api/v1/leadLabels/${id}`, { name: `Label ${b}`, color: 'blue' })
          : send('DELETE', `/api/v1/leadLabels/${id}`))
      );
    }
    case 'create field': {
      const types = ['varchar', 'double', 'monetary', 'set', 'enum', 'daterange', 'address', 'timerange'];
      const field_type = types[c % types.length] ?? 'varchar';
      const options = ['set', 'enum'].includes(field_type) ? { options: [{ label: 'one' }, { label: 'two' }] } : {};
      return send('POST', '/api/v2/dealFields', { field_name: `F ${b}`, field_type, ...options });
    }
    case 'update field':
    case 'delete field': {
      const code = (await field())?.field_code;
      return (
        code &&
        (verb === 'update'
          ? send('PATCH', `/api/v2/dealFields/${code}`, { field_name: `F ${b}` })
          : send('DELETE', `/api/v2/dealFields/${code}`))
      );
    }
    case 'set field':
    case 'set lead field': {
      const one = await field();
      if (!one) return;
      const value = valueFor(one, b);
      const code: string = one.field_code;
      if (what === 'set field') {
        const id = (await pick('/api/v2/deals?limit=500', b))?.id;
        return id && send('PATCH', `/api/v2/deals/${id}`, { custom_fields: { [code]: some(value, c) } });
      }
      const id = (await pick('/api/v1/leads?limit=500', b))?.id;
      const flat =
        typeof value === 'object' && !Array.isArray(value) && value !== null
          ? Object.fromEntries(
              Object.entries(value).map(([part, set]) => [part === 'value' ? code : `${code}_${part}`, set]),
            )
          : { [code]: value };
      return id && send('PATCH', `/api/v1/leads/${id}`, c % 4 === 0 ? { [code]: null } : flat);
    }
    case 'add option':
    case 'rename option':
    case 'remove option': {
      const labels = (await all('/api/v2/dealFields?limit=500')).find((one) => one.field_code === 'label_ids');
      const option = labels.options[b % Math.max(1, labels.options.length)];
      const path = '/api/v2/dealFields/label_ids/options';
      if (what === 'add option') return send('POST', path, [{ label: `Option ${c}` }]);
      if (!option) return;
      return what === 'rename option'
        ? send('PATCH', path, [{ id: option.id, label: `Renamed ${c}` }])
        : send('DELETE', path, [{ id: option.id }]);
    }
    case 'follow':
    case 'unfollow': {
      const id = (await deal())?.id;
      const users = await all('/api/v1/users');
      const followers = id ? await all(`/api/v2/deals/${id}/followers`) : [];
      const follower = followers[b % Math.max(1, followers.length)];
      if (!id) return;
      if (what === 'follow')
        return send('POST', `/api/v2/deals/${id}/followers`, { user_id: users[b % users.length].id });
      return follower && send('DELETE', `/api/v2/deals/${id}/followers/${follower.user_id}`);
    }
    case 'participate':
    case 'leave': {
      const id = (await deal())?.id;
      if (!id) return;
      const there = await all(`/api/v1/deals/${id}/participants`);
      const one = there[b % Math.max(1, there.length)];
      if (what === 'participate')
        return send('POST', `/api/v1/deals/${id}/participants`, { person_id: (await person(b))?.id ?? 1 });
      return one && send('DELETE', `/api/v1/deals/${id}/participants/${one.id}`);
    }
    case 'duplicate deal': {
      const id = (await deal())?.id;
      return id && send('POST', `/api/v1/deals/${id}/duplicate`);
    }
    default: {
      const id = (await deal())?.id;
      const product_id = (await product(b))?.id;
      if (!id || !product_id) return;
      const rows = await all(`/api/v2/deals/${id}/products`);
      const row = rows[b % Math.max(1, rows.length)];
      const line = { product_id, item_price: b, quantity: 2, comments: 'x' };
      if (what === 'add line') return send('POST', `/api/v2/deals/${id}/products`, line);
      if (what === 'add lines')
        return send('POST', `/api/v2/deals/${id}/products/bulk`, { data: [line, { ...line, quantity: 1 }] });
      if (!row) return;
      if (what === 'update line')
        return send('PATCH', `/api/v2/deals/${id}/products/${row.id}`, { quantity: 5, discount: 10 });
      if (what === 'remove line') return send('DELETE', `/api/v2/deals/${id}/products/${row.id}`);
      return send('DELETE', `/api/v2/deals/${id}/products`, undefined, {
        ids: rows
          .slice(0, 2)
          .map((one) => one.id)
          .join(','),
      });
    }
  }
}

function valueFor({ field_type, options }: { field_type: string; options: { id: number }[] | null }, at: number): Json {
  const option = options?.[at % options.length]?.id ?? 0;
  const values: Readonly<Record<string, Json>> = {
    double: at,
    monetary: { value: at, currency: 'EUR' },
    set: [option],
    enum: option,
    daterange: { value: '2026-01-01', until: '2026-02-01' },
    timerange: { value: '10:00:00', until: '11:00:00' },
    address: { value: `Street ${at}`, locality: 'Town' },
    date: '2026-03-03',
    time: { value: '10:00:00' },
  };
  return values[field_type] ?? `text ${at}`;
}
