import {
  CurrenciesApi,
  LeadFieldsApi,
  NoteFieldsApi,
  UsersApi,
  ActivityFieldsApi as V1ActivityFieldsApi,
  DealFieldsApi as V1DealFieldsApi,
  OrganizationFieldsApi as V1OrganizationFieldsApi,
  PersonFieldsApi as V1PersonFieldsApi,
  ProductFieldsApi as V1ProductFieldsApi,
} from 'pipedrive/v1';
import {
  ActivityFieldsApi,
  Configuration,
  DealFieldsApi,
  DealsApi,
  ItemSearchApi,
  OrganizationFieldsApi,
  PersonFieldsApi,
  PersonsApi,
  ProductFieldsApi,
} from 'pipedrive/v2';
import { describe, expect, it } from 'vitest';
import { everything, everythingByStart, refused, rejection, useOfficialClient } from './official.ts';

const official = useOfficialClient();

describe('the official client on the sandbox: the account', () => {
  it('reads users, currencies and fields', async () => {
    const users = new UsersApi(official.v1);
    const { data: me } = await users.getCurrentUser();
    expect(me).toMatchObject({ company_domain: expect.any(String), timezone_name: expect.any(String) });
    const { data: all } = await users.getUsers();
    expect(all?.length).toBeGreaterThan(2);
    expect((await users.getUser({ id: me?.id ?? 0 })).data).toMatchObject({ id: me?.id, name: me?.name });
    expect(
      (await users.findUsersByName({ term: me?.email ?? '', search_by_email: 1 })).data?.map((user) => user.id),
    ).toEqual([me?.id]);
    expect(await rejection(users.getUser({ id: 999_999 }))).toMatchObject(refused);

    const currencies = new CurrenciesApi(official.v1);
    expect((await currencies.getCurrencies()).data?.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['EUR', 'USD']),
    );
    expect((await currencies.getCurrencies({ term: 'EUR' })).data?.map(({ code }) => code)).toEqual(['EUR']);

    const [deal, person, organization] = [
      new DealFieldsApi(official.v2),
      new PersonFieldsApi(official.v2),
      new OrganizationFieldsApi(official.v2),
    ];
    const [product, activity] = [new ProductFieldsApi(official.v2), new ActivityFieldsApi(official.v2)];
    const lists = {
      dealFields: await everything((cursor) =>
        deal.getDealFields({ limit: 20, include_fields: 'ui_visibility,important_fields,required_fields', ...cursor }),
      ),
      personFields: await everything((cursor) => person.getPersonFields({ limit: 20, ...cursor })),
      organizationFields: await everything((cursor) => organization.getOrganizationFields({ limit: 20, ...cursor })),
      productFields: await everything((cursor) => product.getProductFields({ limit: 20, ...cursor })),
      activityFields: await everything((cursor) => activity.getActivityFields({ limit: 20, ...cursor })),
    };
    for (const [path, rows] of Object.entries(lists))
      expect([path, rows.length]).toEqual([path, await official.count(`/api/v2/${path}`)]);
    expect((await deal.getDealField({ field_code: 'stage_id' })).data).toMatchObject({
      field_code: 'stage_id',
      is_custom_field: false,
    });
    expect((await person.getPersonField({ field_code: 'name' })).data).toMatchObject({ field_code: 'name' });
    expect((await organization.getOrganizationField({ field_code: 'name' })).data).toMatchObject({
      field_code: 'name',
    });
    expect((await product.getProductField({ field_code: 'name' })).data).toMatchObject({ field_code: 'name' });
    expect((await activity.getActivityField({ field_code: 'subject' })).data).toMatchObject({ field_code: 'subject' });
    expect(await rejection(deal.getDealField({ field_code: 'no_such_field' }))).toMatchObject(refused);

    for (const list of [
      await everythingByStart((start) => new V1DealFieldsApi(official.v1).getDealFields({ start, limit: 25 })),
      await everythingByStart((start) => new V1PersonFieldsApi(official.v1).getPersonFields({ start, limit: 25 })),
      await everythingByStart((start) =>
        new V1OrganizationFieldsApi(official.v1).getOrganizationFields({ start, limit: 25 }),
      ),
      await everythingByStart((start) => new V1ProductFieldsApi(official.v1).getProductFields({ start, limit: 25 })),
      (await new V1ActivityFieldsApi(official.v1).getActivityFields()).data,
      await everythingByStart((start) => new LeadFieldsApi(official.v1).getLeadFields({ start, limit: 25 })),
      (await new NoteFieldsApi(official.v1).getNoteFields()).data,
    ]) {
      expect(list?.length).toBeGreaterThan(3);
    }
    const { data: [first] = [] } = await new V1DealFieldsApi(official.v1).getDealFields({ limit: 1 });
    expect((await new V1DealFieldsApi(official.v1).getDealField({ id: first?.id ?? 0 })).data).toMatchObject({
      key: first?.key,
    });
  });

  it('searches items of every kind', async () => {
    const api = new ItemSearchApi(official.v2);
    const { data: [person] = [] } = await new PersonsApi(official.v2).getPersons({ limit: 1 });
    const found = await api.searchItem({ term: person?.name ?? '', item_types: 'person' });
    expect(found.data?.items?.[0]).toMatchObject({
      result_score: expect.any(Number),
      item: { id: person?.id, type: 'person' },
    });
    const { data: deals = [] } = await new DealsApi(official.v2).getDeals({ limit: 500 });
    const words = new Map<string, number>();
    for (const word of deals.flatMap(({ title }) => title?.split(' ') ?? []))
      words.set(word, (words.get(word) ?? 0) + 1);
    const [word = ''] = [...words].filter(([text]) => text.length > 3).sort(([, a], [, b]) => b - a)[0] ?? [];
    const pages: { item?: { id?: unknown; type?: unknown } }[] = [];
    for (let cursor: string | null | undefined = undefined; cursor !== null; ) {
      const page = await api.searchItem({ term: word, limit: 3, ...(cursor ? { cursor } : {}) });
      pages.push(...((page.data?.items ?? []) as typeof pages));
      cursor = page.additional_data?.next_cursor ?? null;
    }
    expect(pages.length).toBeGreaterThan(3);
    expect(new Set(pages.map(({ item }) => `${item?.type} ${item?.id}`)).size).toBe(pages.length);
    const byField = await api.searchItemByField({
      term: deals[0]?.title ?? '',
      entity_type: 'deal',
      field: 'title',
      match: 'exact',
    });
    expect(byField.data).toContainEqual(expect.objectContaining({ id: deals[0]?.id }));
    expect(await rejection(api.searchItem({ term: 'x' }))).toMatchObject(refused);
  });

  it('is told when its token is wrong', async () => {
    const wrong = new Configuration({ apiKey: 'f'.repeat(40), basePath: `${official.recorder.url}/api/v2` });
    expect(await rejection(new DealsApi(wrong).getDeals())).toMatchObject({
      success: false,
      error: 'unauthorized access',
      errorCode: 401,
    });
  });

  it('received what the OpenAPI files promise', (context) => official.holdToContract(context));
});
