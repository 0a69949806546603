import type { Scene } from '../scene.ts';
import type { Family, Json } from './family.ts';

/** Records of each kind that many are written of at a time, with a change and what a new one takes. */
const many: Readonly<Record<string, (scene: Scene) => Promise<{ id: unknown; set: Json; record: Json }>>> = {
  deal: async (scene) => ({
    id: await scene.deal(),
    set: { probability: 20 },
    record: { title: 'Contract, one of many' },
  }),
  person: async (scene) => ({ id: await scene.person(), set: { name: 'Ann Many' }, record: { name: 'Bea Many' } }),
  organization: async (scene) => ({
    id: await scene.organization(),
    set: { name: 'Many Ltd' },
    record: { name: 'More Ltd' },
  }),
  activity: async (scene) => ({ id: await scene.activity(), set: { subject: 'Many' }, record: { subject: 'More' } }),
  lead: async (scene) => ({
    id: await scene.lead(),
    set: { title: 'Lead of many' },
    record: { title: 'One more lead', person_id: await scene.person() },
  }),
  product: async (scene) => ({ id: await scene.product(), set: { unit: 'box' }, record: { name: 'One more product' } }),
};

/** A file of one record for each kind that can be imported, by name: the contract check puts them into its own directory. */
export const importFiles: Readonly<Record<string, string>> = {
  'deal.csv': 'Title,Value,Person,Organization\nContract from a file,1200,Ann File,File Works Ltd\n',
  'person.csv': 'Name,Email\nBea File,bea.file@varsa.example\n',
  'organization.csv': 'Name\nFile Holding\n',
  'lead.csv': 'Title,Person\nLead from a file,Cem File\n',
  'activity.csv': 'Subject,Due date\nActivity from a file,2026-12-01\n',
  'product.csv': 'Name,Unit\nProduct from a file,box\n',
  'note.jsonl': '{"Content":"From a file","Deal":1}\n',
};

async function ofEach(scene: Scene, call: (entity: string, of: { id: unknown; set: Json; record: Json }) => Json[]) {
  const calls = await Promise.all(Object.entries(many).map(async ([entity, make]) => call(entity, await make(scene))));
  return calls.flat();
}

export const jobs: Family = {
  value(_, __, name) {
    return name === 'group_by' ? Promise.resolve(['owner', 'month of added']) : undefined;
  },
  calls: {
    async get_context(scene) {
      const [deal_id, person_id, org_id, lead_id] = await Promise.all([
        scene.deal(),
        scene.person(),
        scene.organization(),
        scene.lead(),
      ]);
      return [{ deal_id }, { person_id }, { org_id }, { lead_id }, { deal_id, parts: ['history'] }];
    },
    update_many: (scene) =>
      ofEach(scene, (entity, { id, set }) => [
        { entity, ids: [id], set },
        { entity, where: ['id is not empty', 'added > 2030-01-01'], set },
      ]),
    delete_many: (scene) => ofEach(scene, (entity, { id }) => [{ entity, ids: [id] }]),
    async export_records() {
      const kinds = [...Object.keys(many), 'note', 'project'];
      // Of the sample company: what other checks made may be linked to what they deleted, and is asked for in vain.
      const where = ['added < 2026-11-20'];
      return kinds.flatMap((entity) => ['csv', 'jsonl', 'parquet'].map((file_type) => ({ entity, file_type, where })));
    },
    async import_records() {
      return Object.keys(importFiles).map((path) => ({ entity: path.replace(/\..*/, ''), path }));
    },
    add_many: (scene) => ofEach(scene, (entity, { record }) => [{ entity, records: [record], allow_duplicate: true }]),
  },
};
