import type { JsonObject } from '../../pipedrive/json.ts';
import type { Lexicon } from '../names/lexicon.ts';
import type { Arguments } from '../request.ts';
import type { Run } from '../run.ts';

const ATTACHED = ['deal_id', 'person_id', 'org_id', 'product_id', 'activity_id', 'lead_id', 'project_id'];

/** One line where something about a written record is probably not as it was meant; undefined where all is well. */
export function hintOn(
  { operation }: Run,
  record: JsonObject,
  sent: Arguments,
  { now, fields }: Lexicon,
): string | undefined {
  if (operation.name === 'upload_file' && !ATTACHED.some((key) => key in sent)) {
    return 'The file is attached to nothing, so that no record shows it: delete_file and upload it with a deal_id, person_id…';
  }
  if (operation.entity.name !== 'deal') return undefined;
  const isSet = (key: string) => record[key] !== null && record[key] !== undefined && record[key] !== '';
  if (operation.kind === 'create' && !isSet('person_id') && !isSet('org_id')) {
    return 'The deal has no contact: update_deal can link a person_id or org_id.';
  }
  if (sent['status'] === 'lost' && !isSet('lost_reason')) {
    const reason = fields?.byCode('lost_reason');
    return reason?.required || reason?.requiredToEnd[String(record['pipeline_id'])]?.includes('lost')
      ? 'This account requires a lost reason: update_deal can set lost_reason.'
      : 'No lost_reason was given; update_deal can still set it.';
  }
  const close = record['expected_close_date'];
  const touches = ['stage_id', 'pipeline_id', 'expected_close_date', 'status'].some((key) => key in sent);
  if (touches && record['status'] === 'open' && typeof close === 'string' && close < now.slice(0, 10)) {
    return `The deal is open and its expected close date, ${close}, is past.`;
  }
  return undefined;
}
