import {
  ActivityTypesApi,
  CurrenciesApi,
  LeadFieldsApi,
  LeadLabelsApi,
  LeadSourcesApi,
  LeadsApi,
  NoteFieldsApi,
  NotesApi,
  UsersApi,
  ActivityFieldsApi as V1ActivityFieldsApi,
  Configuration as V1Configuration,
  DealFieldsApi as V1DealFieldsApi,
  DealsApi as V1DealsApi,
  OrganizationFieldsApi as V1OrganizationFieldsApi,
  PersonFieldsApi as V1PersonFieldsApi,
  ProductFieldsApi as V1ProductFieldsApi,
} from 'pipedrive/v1';
import {
  ActivitiesApi,
  ActivityFieldsApi,
  Configuration,
  DealFieldsApi,
  DealInstallmentsApi,
  DealProductsApi,
  DealsApi,
  ItemSearchApi,
  OrganizationFieldsApi,
  OrganizationsApi,
  PersonFieldsApi,
  PersonsApi,
  PipelinesApi,
  ProductFieldsApi,
  StagesApi,
  LeadsApi as V2LeadsApi,
} from 'pipedrive/v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { contractFolder } from './folder.ts';
import { type Contract, loadContract } from './openapi.ts';
import { type Recorder, startRecorder } from './recorder.ts';

/**
 * The official npm client at work on the sandbox. What it receives is held to the official OpenAPI files too, where
 * they are at hand.
 */
let sandbox: Sandbox;
let recorder: Recorder;
let v1: V1Configuration;
let v2: Configuration;

beforeAll(async () => {
  sandbox = await startSandbox({ seed: 1, now: new Date('2026-11-20T10:00:00Z') });
  recorder = await startRecorder(sandbox.url);
  v1 = new V1Configuration({ apiKey: sandbox.token, basePath: `${recorder.url}/v1` });
  v2 = new Configuration({ apiKey: sandbox.token, basePath: `${recorder.url}/api/v2` });
});

afterAll(async () => {
  await recorder.close();
  await sandbox.close();
});

type Page<Row> = { data?: Row[] | null; additional_data?: { next_cursor?: string | null } | null };

/** Every row of a list in v2, page after page until the cursor is null. */
async function everything<Row extends object>(
  page: (cursor: { cursor?: string }) => Promise<Page<Row>>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const { data, additional_data } = await page(cursor === undefined ? {} : { cursor });
    rows.push(...(data ?? []));
    cursor = additional_data?.next_cursor ?? null;
  }
  expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(rows.length);
  return rows;
}

/** Every row of a list in v1, until there is no next start. */
async function everythingByStart<Row>(
  page: (start: number) => Promise<{ data?: Row[] | null; additional_data?: unknown }>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let start: number | undefined = 0; start !== undefined; ) {
    const { data, additional_data } = await page(start);
    rows.push(...(data ?? []));
    // The client types `pagination` away for some lists; it is in all of their answers.
    start = (additional_data as { pagination?: { next_start?: number } } | undefined)?.pagination?.next_start;
  }
  return rows;
}

/** How many rows the sandbox has, asked in one request without the client. */
async function count(path: string): Promise<number> {
  const response = await fetch(`${sandbox.url}${path}${path.includes('?') ? '&' : '?'}limit=500`, {
    headers: { 'x-api-token': sandbox.token },
  });
  const { data } = (await response.json()) as { data: unknown[] | null };
  return data?.length ?? 0;
}

/** What the client rejects with: the body of the answer, without its status. */
async function rejection(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.fail('Pipedrive would have refused this'),
    (error: unknown) => error,
  );
}

const refused = { success: false, error: expect.any(String) };

function idOf(answer: { data?: { id?: number | string | undefined } | null | undefined }): number {
  const id = answer.data?.id;
  if (typeof id !== 'number') throw new Error(`the answer has no id: ${JSON.stringify(answer)}`);
  return id;
}

function uuidOf(answer: { data?: { id?: unknown } | null | undefined }): string {
  const id = answer.data?.id;
  if (typeof id !== 'string') throw new Error(`the answer has no id: ${JSON.stringify(answer)}`);
  return id;
}

describe('the official client on the sandbox', () => {
  it('works with deals', async () => {
    const api = new DealsApi(v2);
    const all = await everything((cursor) => api.getDeals({ limit: 23, ...cursor }));
    expect(all.length).toBe(await count('/api/v2/deals'));
    expect(all.length).toBeGreaterThan(23);
    const open = await everything((cursor) =>
      api.getDeals({ status: 'open', sort_by: 'update_time', sort_direction: 'desc', limit: 50, ...cursor }),
    );
    expect(open.every((deal) => deal.status === 'open')).toBe(true);
    expect(open.length).toBe(all.filter((deal) => deal.status === 'open').length);

    const id = idOf(
      await api.addDeal({ AddDealRequest: { title: 'Wind farm Borkum', value: 1250.5, currency: 'EUR' } }),
    );
    await api.updateDeal({ id, UpdateDealRequest: { status: 'lost', lost_reason: 'Price' } });
    const { data: deal } = await api.getDeal({ id, include_fields: 'notes_count', include_labels: true });
    expect(deal).toMatchObject({
      id,
      title: 'Wind farm Borkum',
      value: 1250.5,
      currency: 'EUR',
      status: 'lost',
      lost_reason: 'Price',
      notes_count: 0,
    });
    expect(deal?.lost_time).toEqual(expect.any(String));

    const found = await api.searchDeals({ term: 'borkum', fields: 'title' });
    expect(found.data?.items?.map(({ item }) => item?.id)).toEqual([id]);
    expect(await rejection(api.searchDeals({ term: 'x' }))).toMatchObject(refused);

    await api.updateDeal({ id, UpdateDealRequest: { is_archived: true } });
    const archived = await everything((cursor) => api.getArchivedDeals({ limit: 7, ...cursor }));
    expect(archived.length).toBe(await count('/api/v2/deals/archived'));
    expect(archived.some((row) => row.id === id)).toBe(true);

    const second = idOf(await api.addDeal({ AddDealRequest: { title: 'Second' } }));
    expect((await api.deleteDeal({ id: second })).data).toEqual({ id: second });
    const { data: gone } = await api.getDeals({ ids: String(second) });
    expect(gone).toEqual([]);
    expect(await rejection(api.updateDeal({ id: second, UpdateDealRequest: { title: 'Again' } }))).toMatchObject(
      refused,
    );
    expect(await rejection(api.getDeal({ id: 999_999 }))).toMatchObject(refused);
    expect(
      await rejection(api.addDeal({ AddDealRequest: { title: 'No such stage', stage_id: 999_999 } })),
    ).toMatchObject(refused);
    const { data: summary } = await new V1DealsApi(v1).getDealsSummary({ status: 'open' });
    expect(summary?.total_count).toBe(await count('/api/v2/deals?status=open'));
  });

  it('works with followers, products, discounts and installments of a deal', async () => {
    const deals = new DealsApi(v2);
    const id = idOf(await deals.addDeal({ AddDealRequest: { title: 'Parts', currency: 'EUR' } }));
    const { data: me } = await new UsersApi(v1).getCurrentUser();
    const { data: users } = await new UsersApi(v1).getUsers();
    const colleague = users?.find((user) => user.id !== me?.id && user.active_flag)?.id ?? 0;
    await deals.addDealFollower({ id, AddDealFollowerRequest: { user_id: colleague } });
    expect(
      await rejection(deals.addDealFollower({ id, AddDealFollowerRequest: { user_id: colleague } })),
    ).toMatchObject(refused);
    const followers = await everything((cursor) => deals.getDealFollowers({ id, limit: 1, ...cursor }));
    expect(followers.map((follower) => follower.user_id)).toContain(colleague);
    await deals.deleteDealFollower({ id, follower_id: colleague });
    const { data: changes } = await deals.getDealFollowersChangelog({ id });
    expect(changes?.map((change) => change.action)).toEqual(expect.arrayContaining(['added', 'removed']));

    const products = new DealProductsApi(v2);
    const productId = await firstProduct();
    const line = { product_id: productId, item_price: 40, quantity: 2.5 };
    const lineId = idOf(await products.addDealProduct({ id, AddDealProductRequest: line as never }));
    const { data: bulk } = await products.addManyDealProducts({
      id,
      CreateManyDealProductRequest: { data: [line, line] } as never,
    });
    expect(bulk?.length).toBe(2);
    await products.updateDealProduct({
      id,
      product_attachment_id: lineId,
      UpdateDealProductRequest: { quantity: 3 } as never,
    });
    const lines = await everything((cursor) => products.getDealProducts({ id, limit: 2, ...cursor }));
    expect(lines.length).toBe(3);
    expect(lines.find((row) => row.id === lineId)).toMatchObject({ quantity: 3, item_price: 40 });
    const { data: ofBoth } = await products.getDealsProducts({ deal_ids: [id] });
    expect(ofBoth?.length).toBe(3);
    expect((await deals.getDeal({ id })).data?.value).toBe(3 * 40 + 2 * 100);

    const discount = uuidOf(
      await deals.postAdditionalDiscount({
        id,
        AddAdditionalDiscountRequestBody: { description: 'Loyalty', amount: 10, type: 'percentage' },
      }),
    );
    await deals.updateAdditionalDiscount({
      id,
      discount_id: discount,
      UpdateAdditionalDiscountRequestBody: { amount: 5 } as never,
    });
    expect((await deals.getAdditionalDiscounts({ id })).data).toMatchObject([
      { id: discount, amount: 5, type: 'percentage' },
    ]);
    expect((await deals.deleteAdditionalDiscount({ id, discount_id: discount })).success).toBe(true);

    const installments = new DealInstallmentsApi(v2);
    const installment = idOf(
      await installments.postInstallment({
        id,
        AddInstallmentRequestBody: { description: 'First half', amount: 100, billing_date: '2026-12-01' },
      }),
    );
    await installments.updateInstallment({
      id,
      installment_id: installment,
      UpdateInstallmentRequestBody: { amount: 110 } as never,
    });
    expect((await installments.getInstallments({ deal_ids: [id] })).data).toMatchObject([
      { id: installment, amount: 110 },
    ]);
    expect((await installments.deleteInstallment({ id, installment_id: installment })).data).toEqual({
      id: installment,
    });

    expect((await products.deleteDealProduct({ id, product_attachment_id: lineId })).data).toEqual({ id: lineId });
    const { data: removed } = await products.deleteManyDealProducts({ id });
    expect(removed?.ids?.length).toBe(2);
  });

  it('works with persons and organizations', async () => {
    const persons = new PersonsApi(v2);
    const organizations = new OrganizationsApi(v2);
    expect((await everything((cursor) => persons.getPersons({ limit: 31, ...cursor }))).length).toBe(
      await count('/api/v2/persons'),
    );
    expect((await everything((cursor) => organizations.getOrganizations({ limit: 11, ...cursor }))).length).toBe(
      await count('/api/v2/organizations'),
    );

    const org_id = idOf(
      await organizations.addOrganization({
        AddOrganizationRequest: { name: 'Heidelberg Optik', address: { value: 'Hauptstr. 1, Heidelberg' } },
      }),
    );
    await organizations.updateOrganization({
      id: org_id,
      UpdateOrganizationRequest: { website: 'https://heidelberg-optik.example' },
    });
    expect((await organizations.getOrganization({ id: org_id, include_fields: 'people_count' })).data).toMatchObject({
      name: 'Heidelberg Optik',
      website: 'https://heidelberg-optik.example',
      people_count: 0,
    });
    const id = idOf(
      await persons.addPerson({
        AddPersonRequest: {
          name: 'Ada Lindqvist',
          org_id,
          emails: [{ value: 'ada@heidelberg-optik.example', primary: true, label: 'work' }],
          phones: [{ value: '+49 6221 12345' }],
        },
      }),
    );
    await persons.updatePerson({
      id,
      UpdatePersonRequest: { emails: [{ value: 'a.lindqvist@heidelberg-optik.example' }] },
    });
    const { data: person } = await persons.getPerson({ id });
    expect(person).toMatchObject({
      name: 'Ada Lindqvist',
      first_name: 'Ada',
      last_name: 'Lindqvist',
      org_id,
      emails: [{ value: 'a.lindqvist@heidelberg-optik.example', primary: true, label: 'work' }],
    });
    const byMail = await persons.searchPersons({
      term: 'a.lindqvist@heidelberg-optik.example',
      fields: 'email',
      exact_match: true,
    });
    expect(byMail.data?.items?.map(({ item }) => item?.id)).toEqual([id]);
    const byName = await organizations.searchOrganization({ term: 'heidelberg opt' });
    expect(byName.data?.items?.map(({ item }) => item?.id)).toContain(org_id);
    const { data: me } = await new UsersApi(v1).getCurrentUser();
    for (const add of [
      () => persons.addPersonFollower({ id, AddDealFollowerRequest: { user_id: me?.id ?? 0 } }),
      () => organizations.addOrganizationFollower({ id: org_id, AddDealFollowerRequest: { user_id: me?.id ?? 0 } }),
    ]) {
      await add().catch((error: unknown) => expect(error).toMatchObject(refused));
    }
    expect((await persons.getPersonFollowers({ id })).data?.map((one) => one.user_id)).toContain(me?.id);
    expect((await organizations.getOrganizationFollowers({ id: org_id })).data?.map((one) => one.user_id)).toContain(
      me?.id,
    );

    expect((await persons.deletePerson({ id })).data).toEqual({ id });
    expect((await organizations.deleteOrganization({ id: org_id })).data).toEqual({ id: org_id });
    expect(await rejection(persons.updatePerson({ id, UpdatePersonRequest: { name: 'Gone' } }))).toMatchObject(refused);
    expect(await rejection(organizations.getOrganization({ id: 999_999 }))).toMatchObject(refused);
    expect(
      await rejection(persons.addPerson({ AddPersonRequest: { name: 'Nobody', custom_fields: { title: 'x' } } })),
    ).toMatchObject({ ...refused, error: expect.stringContaining('custom_fields') });
  });

  it('works with activities and their types', async () => {
    const api = new ActivitiesApi(v2);
    expect((await everything((cursor) => api.getActivities({ limit: 90, ...cursor }))).length).toBe(
      await countByPages('/api/v2/activities'),
    );
    const { data: [deal] = [] } = await new DealsApi(v2).getDeals({ status: 'open', limit: 1 });
    const id = idOf(
      await api.addActivity({
        AddActivityRequest: {
          subject: 'Ring back',
          type: 'call',
          deal_id: deal?.id ?? 0,
          due_date: '2026-11-24',
          due_time: '09:30',
          duration: '00:15',
          note: '<p>About the offer</p>',
        },
      }),
    );
    await api.updateActivity({ id, AddActivityRequest: { done: true } });
    expect((await api.getActivity({ id, include_fields: 'attendees' })).data).toMatchObject({
      subject: 'Ring back',
      done: true,
      deal_id: deal?.id,
      due_date: '2026-11-24',
      attendees: [],
    });
    const { data: done } = await api.getActivities({ deal_id: deal?.id ?? 0, done: true, limit: 500 });
    expect(done?.map((activity) => activity.id)).toContain(id);
    expect((await api.deleteActivity({ id })).data).toEqual({ id });
    expect(await rejection(api.getActivity({ id: 999_999 }))).toMatchObject(refused);

    const types = new ActivityTypesApi(v1);
    const before = (await types.getActivityTypes()).data?.length ?? 0;
    const typeId = idOf(
      await types.addActivityType({ AddActivityTypeRequest: { name: 'Site visit', icon_key: 'car', color: 'FF0000' } }),
    );
    expect(
      (await types.updateActivityType({ id: typeId, UpdateActivityTypeRequest: { name: 'Visit on site' } })).data,
    ).toMatchObject({ name: 'Visit on site', key_string: 'site_visit' });
    expect((await types.getActivityTypes()).data?.length).toBe(before + 1);
    expect((await types.deleteActivityType({ id: typeId })).data).toMatchObject({ id: typeId, active_flag: false });
    expect(
      await rejection(types.updateActivityType({ id: 999_999, UpdateActivityTypeRequest: { name: 'None' } })),
    ).toMatchObject(refused);
  });

  it('works with leads, their labels and sources, and converts both ways', async () => {
    const api = new LeadsApi(v1);
    const all = await everythingByStart((start) => api.getLeads({ start, limit: 9 }));
    expect(all.length).toBe(await count('/v1/leads'));
    expect((await everythingByStart((start) => api.getArchivedLeads({ start, limit: 3 }))).length).toBe(
      await count('/v1/leads/archived'),
    );
    const { data: [person] = [] } = await new PersonsApi(v2).getPersons({ limit: 1 });
    const id = uuidOf(
      await api.addLead({
        AddLeadRequest: { title: 'Fair contact', person_id: person?.id ?? 0, value: { amount: 900, currency: 'EUR' } },
      }),
    );
    await api.updateLead({ id, UpdateLeadRequest: { title: 'Fair contact, hall 4', was_seen: true } });
    expect((await api.getLead({ id })).data).toMatchObject({
      id,
      title: 'Fair contact, hall 4',
      was_seen: true,
      value: { amount: 900, currency: 'EUR' },
      person_id: person?.id,
    });
    expect(await rejection(api.addLead({ AddLeadRequest: { title: 'Nobody' } }))).toMatchObject(refused);
    expect(await rejection(api.getLead({ id: '00000000-0000-4000-8000-000000000000' }))).toMatchObject(refused);

    const v2leads = new V2LeadsApi(v2);
    const found = await v2leads.searchLeads({ term: 'hall 4' });
    expect(found.data?.items?.map(({ item }) => item?.id)).toEqual([id]);

    const labels = new LeadLabelsApi(v1);
    const label = uuidOf(await labels.addLeadLabel({ AddLeadLabelRequest: { name: 'Fair', color: 'purple' } }));
    await labels.updateLeadLabel({ id: label, UpdateLeadLabelRequest: { name: 'Trade fair' } });
    expect((await labels.getLeadLabels()).data).toContainEqual(
      expect.objectContaining({ id: label, name: 'Trade fair', color: 'purple' }),
    );
    expect((await labels.deleteLeadLabel({ id: label })).data).toEqual({ id: label });
    expect((await new LeadSourcesApi(v1).getLeadSources()).data?.map(({ name }) => name)).toContain('API');

    const toDeal = (await v2leads.convertLeadToDeal({ id, ConvertLeadToDealRequest: {} })).data?.conversion_id ?? '';
    const dealId = await completed(async () => {
      const { data } = await v2leads.getLeadConversionStatus({ id, conversion_id: toDeal });
      return { status: data?.status, result: data?.deal_id };
    });
    const deals = new DealsApi(v2);
    expect((await deals.getDeal({ id: Number(dealId), include_fields: 'source_lead_id' })).data).toMatchObject({
      title: 'Fair contact, hall 4',
      value: 900,
      source_lead_id: id,
    });
    const toLead = (await deals.convertDealToLead({ id: Number(dealId) })).data?.conversion_id ?? '';
    const leadId = await completed(async () => {
      const { data } = await deals.getDealConversionStatus({ id: Number(dealId), conversion_id: toLead });
      return { status: data?.status, result: data?.lead_id };
    });
    expect((await api.getLead({ id: String(leadId) })).data).toMatchObject({ title: 'Fair contact, hall 4' });
    expect((await api.deleteLead({ id: String(leadId) })).data).toEqual({ id: leadId });
  });

  it('works with notes and comments', async () => {
    const api = new NotesApi(v1);
    const all = await everythingByStart((start) => api.getNotes({ start, limit: 40 }));
    expect(all.length).toBe(await count('/v1/notes'));
    const { data: [deal] = [] } = await new DealsApi(v2).getDeals({ status: 'open', limit: 1 });
    const id = idOf(
      await api.addNote({
        AddNoteRequest: { content: '<b>Wants two</b>', deal_id: deal?.id ?? 0, pinned_to_deal_flag: 1 } as never,
      }),
    );
    await api.updateNote({ id, NoteRequest: { content: '<b>Wants three</b>' } as never });
    expect((await api.getNote({ id })).data).toMatchObject({ id, content: '<b>Wants three</b>', deal_id: deal?.id });
    expect(
      (await api.getNotes({ deal_id: deal?.id ?? 0, pinned_to_deal_flag: 1 })).data?.map((note) => note.id),
    ).toContain(id);
    const comment = await api.addNoteComment({ id, CommentPostPutObject: { content: 'Really?' } });
    const commentId = String((comment.data as { uuid?: unknown } | undefined)?.uuid);
    await api.updateCommentForNote({ id, commentId, CommentPostPutObject: { content: 'Yes, three.' } });
    expect((await api.getComment({ id, commentId })).data).toMatchObject({ uuid: commentId, content: 'Yes, three.' });
    expect((await everythingByStart((start) => api.getNoteComments({ id, start, limit: 1 }))).length).toBe(1);
    expect((await api.deleteComment({ id, commentId })).success).toBe(true);
    expect((await api.deleteNote({ id })).data).toBe(true);
    expect(await rejection(api.addNote({ AddNoteRequest: { content: 'On nothing' } as never }))).toMatchObject(refused);
    expect(
      await rejection(
        api.addNote({ AddNoteRequest: { content: 'x'.repeat(2_000_000), deal_id: deal?.id ?? 0 } as never }),
      ),
    ).toMatchObject(refused);
    expect(await rejection(api.getNote({ id: 999_999 }))).toMatchObject(refused);
  });

  it('works with pipelines and stages', async () => {
    const pipelines = new PipelinesApi(v2);
    const stages = new StagesApi(v2);
    const id = idOf(
      await pipelines.addPipeline({ AddPipelineRequest: { name: 'Rentals', is_deal_probability_enabled: true } }),
    );
    await pipelines.updatePipeline({ id, UpdatePipelineRequest: { name: 'Rental business' } });
    expect((await pipelines.getPipeline({ id })).data).toMatchObject({
      id,
      name: 'Rental business',
      is_deal_probability_enabled: true,
    });
    expect((await everything((cursor) => pipelines.getPipelines({ limit: 2, ...cursor }))).length).toBe(
      await count('/api/v2/pipelines'),
    );
    const stage = idOf(
      await stages.addStage({ AddStageRequest: { name: 'Asked', pipeline_id: id, deal_probability: 20 } }),
    );
    await stages.updateStage({ id: stage, UpdateStageRequest: { is_deal_rot_enabled: true, days_to_rotten: 10 } });
    expect((await stages.getStage({ id: stage })).data).toMatchObject({
      name: 'Asked',
      pipeline_id: id,
      deal_probability: 20,
      days_to_rotten: 10,
    });
    expect((await everything((cursor) => stages.getStages({ limit: 3, ...cursor }))).length).toBe(
      await count('/api/v2/stages'),
    );
    expect((await stages.getStages({ pipeline_id: id })).data?.length).toBe(1);
    expect((await stages.deleteStage({ id: stage })).data).toEqual({ id: stage });
    expect((await pipelines.deletePipeline({ id })).data).toEqual({ id });
    expect(await rejection(pipelines.getPipeline({ id }))).toMatchObject(refused);
    expect(await rejection(pipelines.addPipeline({ AddPipelineRequest: { name: '' } }))).toMatchObject(refused);
    expect(
      await rejection(stages.addStage({ AddStageRequest: { name: 'Nowhere', pipeline_id: 999_999 } })),
    ).toMatchObject(refused);
  });

  it('reads users, currencies and fields', async () => {
    const users = new UsersApi(v1);
    const { data: me } = await users.getCurrentUser();
    expect(me).toMatchObject({ company_domain: expect.any(String), timezone_name: expect.any(String) });
    const { data: all } = await users.getUsers();
    expect(all?.length).toBeGreaterThan(2);
    expect((await users.getUser({ id: me?.id ?? 0 })).data).toMatchObject({ id: me?.id, name: me?.name });
    expect(
      (await users.findUsersByName({ term: me?.email ?? '', search_by_email: 1 })).data?.map((user) => user.id),
    ).toEqual([me?.id]);
    expect(await rejection(users.getUser({ id: 999_999 }))).toMatchObject(refused);

    const currencies = new CurrenciesApi(v1);
    expect((await currencies.getCurrencies()).data?.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['EUR', 'USD']),
    );
    expect((await currencies.getCurrencies({ term: 'EUR' })).data?.map(({ code }) => code)).toEqual(['EUR']);

    const [deal, person, organization] = [
      new DealFieldsApi(v2),
      new PersonFieldsApi(v2),
      new OrganizationFieldsApi(v2),
    ];
    const [product, activity] = [new ProductFieldsApi(v2), new ActivityFieldsApi(v2)];
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
      expect([path, rows.length]).toEqual([path, await count(`/api/v2/${path}`)]);
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
      await everythingByStart((start) => new V1DealFieldsApi(v1).getDealFields({ start, limit: 25 })),
      await everythingByStart((start) => new V1PersonFieldsApi(v1).getPersonFields({ start, limit: 25 })),
      await everythingByStart((start) => new V1OrganizationFieldsApi(v1).getOrganizationFields({ start, limit: 25 })),
      await everythingByStart((start) => new V1ProductFieldsApi(v1).getProductFields({ start, limit: 25 })),
      (await new V1ActivityFieldsApi(v1).getActivityFields()).data,
      await everythingByStart((start) => new LeadFieldsApi(v1).getLeadFields({ start, limit: 25 })),
      (await new NoteFieldsApi(v1).getNoteFields()).data,
    ]) {
      expect(list?.length).toBeGreaterThan(3);
    }
    const { data: [first] = [] } = await new V1DealFieldsApi(v1).getDealFields({ limit: 1 });
    expect((await new V1DealFieldsApi(v1).getDealField({ id: first?.id ?? 0 })).data).toMatchObject({
      key: first?.key,
    });
  });

  it('searches items of every kind', async () => {
    const api = new ItemSearchApi(v2);
    const { data: [person] = [] } = await new PersonsApi(v2).getPersons({ limit: 1 });
    const found = await api.searchItem({ term: person?.name ?? '', item_types: 'person' });
    expect(found.data?.items?.[0]).toMatchObject({
      result_score: expect.any(Number),
      item: { id: person?.id, type: 'person' },
    });
    const { data: deals = [] } = await new DealsApi(v2).getDeals({ limit: 500 });
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
    const wrong = new Configuration({ apiKey: 'f'.repeat(40), basePath: `${recorder.url}/api/v2` });
    expect(await rejection(new DealsApi(wrong).getDeals())).toMatchObject({
      success: false,
      error: 'unauthorized access',
      errorCode: 401,
    });
  });

  it('received what the OpenAPI files promise', (context) => {
    const folder = contractFolder();
    if ('missing' in folder) return context.skip(folder.missing);
    const contract: Contract = loadContract(folder.path);
    const violations = recorder.exchanges.flatMap(({ answer, ...exchange }) =>
      contract.checkResponse({ ...exchange, body: answer }),
    );
    expect([...new Set(violations)]).toEqual([]);
  });
});

async function firstProduct(): Promise<number> {
  const line = await fetch(
    `${sandbox.url}/api/v2/itemSearch/field?entity_type=product&field=name&match=middle&term=er`,
    {
      headers: { 'x-api-token': sandbox.token },
    },
  );
  const { data } = (await line.json()) as { data: { id: number }[] };
  const [product] = data;
  if (!product) throw new Error('the sample company has no product with "er" in its name');
  return product.id;
}

async function countByPages(path: string): Promise<number> {
  let rows = 0;
  for (let cursor: string | null = ''; cursor !== null; ) {
    const response = await fetch(`${sandbox.url}${path}?limit=500${cursor && `&cursor=${cursor}`}`, {
      headers: { 'x-api-token': sandbox.token },
    });
    const page = (await response.json()) as { data: unknown[]; additional_data: { next_cursor: string | null } };
    rows += page.data.length;
    cursor = page.additional_data.next_cursor;
  }
  return rows;
}

/** Waits for a conversion as the official guide says: asks for its status until it is completed. */
async function completed<T>(ask: () => Promise<{ status: unknown; result: T }>): Promise<T> {
  for (let tries = 0; tries < 100; tries++) {
    const { status, result } = await ask();
    if (status === 'completed') return result;
    expect(status).toMatch(/^(not_started|running)$/);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the conversion did not end');
}
