import { ok, type Route, route } from '../route.ts';

/** As a new account has them, but for the settings that nothing in the API reads or changes. */
const settings = {
  marketplace_team: false,
  list_limit: 100,
  beta_app: false,
  prevent_salesphone_callto_override: false,
  file_upload_destination: 's3',
  callto_link_syntax: 'callto:[number]',
  autofill_deal_expected_close_date: false,
  person_duplicate_condition: 'name && (org_id || email || phone)',
};

export const routes: Route[] = [
  route('GET /v1/userSettings', { cost: 2, handle: () => ok(settings) }),
  // The owner has let Pipedrive into a Google account: the id is the one that Google knows it by.
  route('GET /v1/userConnections', {
    cost: 20,
    handle: ({ company }) => ok({ google: `${company.domain}-${company.id}` }),
  }),
];
