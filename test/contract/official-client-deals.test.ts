import { LeadLabelsApi, LeadSourcesApi, LeadsApi, UsersApi, DealsApi as V1DealsApi } from 'pipedrive/v1';
import { DealInstallmentsApi, DealProductsApi, DealsApi, PersonsApi, LeadsApi as V2LeadsApi } from 'pipedrive/v2';
import { describe, expect, it } from 'vitest';
import {
  completed,
  everything,
  everythingByStart,
  idOf,
  refused,
  rejection,
  useOfficialClient,
  uuidOf,
} from './official.ts';

const official = useOfficialClient();

describe('the official client on the sandbox: deals and leads', () => {
  it('works with deals', async () => {
    const api = new DealsApi(official.v2);
    const all = await everything((cursor) => api.getDeals({ limit: 23, ...cursor }));
    expect(all.length).toBe(await official.count('/api/v2/deals'));
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
    expect(archived.length).toBe(await official.count('/api/v2/deals/archived'));
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
    const { data: summary } = await new V1DealsApi(official.v1).getDealsSummary({ status: 'open' });
    expect(summary?.total_count).toBe(await official.count('/api/v2/deals?status=open'));
  });

  it('works with followers, products, discounts and installments of a deal', async () => {
    const deals = new DealsApi(official.v2);
    const id = idOf(await deals.addDeal({ AddDealRequest: { title: 'Parts', currency: 'EUR' } }));
    const { data: me } = await new UsersApi(official.v1).getCurrentUser();
    const { data: users } = await new UsersApi(official.v1).getUsers();
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

    const products = new DealProductsApi(official.v2);
    const productId = await official.firstProduct();
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

    const installments = new DealInstallmentsApi(official.v2);
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

  it('works with leads, their labels and sources, and converts both ways', async () => {
    const api = new LeadsApi(official.v1);
    const all = await everythingByStart((start) => api.getLeads({ start, limit: 9 }));
    expect(all.length).toBe(await official.count('/v1/leads'));
    expect((await everythingByStart((start) => api.getArchivedLeads({ start, limit: 3 }))).length).toBe(
      await official.count('/v1/leads/archived'),
    );
    const { data: [person] = [] } = await new PersonsApi(official.v2).getPersons({ limit: 1 });
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

    const v2leads = new V2LeadsApi(official.v2);
    const found = await v2leads.searchLeads({ term: 'hall 4' });
    expect(found.data?.items?.map(({ item }) => item?.id)).toEqual([id]);

    const labels = new LeadLabelsApi(official.v1);
    const label = uuidOf(await labels.addLeadLabel({ AddLeadLabelRequest: { name: 'Fair', color: 'purple' } }));
    await labels.updateLeadLabel({ id: label, UpdateLeadLabelRequest: { name: 'Trade fair' } });
    expect((await labels.getLeadLabels()).data).toContainEqual(
      expect.objectContaining({ id: label, name: 'Trade fair', color: 'purple' }),
    );
    expect((await labels.deleteLeadLabel({ id: label })).data).toEqual({ id: label });
    expect((await new LeadSourcesApi(official.v1).getLeadSources()).data?.map(({ name }) => name)).toContain('API');

    const toDeal = (await v2leads.convertLeadToDeal({ id, ConvertLeadToDealRequest: {} })).data?.conversion_id ?? '';
    const dealId = await completed(async () => {
      const { data } = await v2leads.getLeadConversionStatus({ id, conversion_id: toDeal });
      return { status: data?.status, result: data?.deal_id };
    });
    const deals = new DealsApi(official.v2);
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

  it('received what the OpenAPI files promise', (context) => official.holdToContract(context));
});
