import { ActivityTypesApi, NotesApi, UsersApi } from 'pipedrive/v1';
import { ActivitiesApi, DealsApi, OrganizationsApi, PersonsApi, PipelinesApi, StagesApi } from 'pipedrive/v2';
import { describe, expect, it } from 'vitest';
import { everything, everythingByStart, idOf, refused, rejection, useOfficialClient } from './official.ts';

const official = useOfficialClient();

describe('the official client on the sandbox: the records around deals', () => {
  it('works with persons and organizations', async () => {
    const persons = new PersonsApi(official.v2);
    const organizations = new OrganizationsApi(official.v2);
    expect((await everything((cursor) => persons.getPersons({ limit: 31, ...cursor }))).length).toBe(
      await official.count('/api/v2/persons'),
    );
    expect((await everything((cursor) => organizations.getOrganizations({ limit: 11, ...cursor }))).length).toBe(
      await official.count('/api/v2/organizations'),
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
    const { data: me } = await new UsersApi(official.v1).getCurrentUser();
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
    const api = new ActivitiesApi(official.v2);
    expect((await everything((cursor) => api.getActivities({ limit: 90, ...cursor }))).length).toBe(
      await official.count('/api/v2/activities'),
    );
    const { data: [deal] = [] } = await new DealsApi(official.v2).getDeals({ status: 'open', limit: 1 });
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

    const types = new ActivityTypesApi(official.v1);
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

  it('works with notes and comments', async () => {
    const api = new NotesApi(official.v1);
    const all = await everythingByStart((start) => api.getNotes({ start, limit: 40 }));
    expect(all.length).toBe(await official.count('/v1/notes'));
    const { data: [deal] = [] } = await new DealsApi(official.v2).getDeals({ status: 'open', limit: 1 });
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
    const pipelines = new PipelinesApi(official.v2);
    const stages = new StagesApi(official.v2);
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
      await official.count('/api/v2/pipelines'),
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
      await official.count('/api/v2/stages'),
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

  it('received what the OpenAPI files promise', (context) => official.holdToContract(context));
});
