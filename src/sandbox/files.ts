import { randomUUID } from 'node:crypto';
import { v1Time } from './clock.ts';
import type { JsonObject } from './json.ts';
import type { StoredFile } from './models/files.ts';
import type { World } from './world.ts';

/** How many files a record has, for `include_fields`. */
export function filesCount({ db }: World, key: 'deal_id' | 'person_id' | 'org_id', id: number): number {
  return db.files.where(key, id).filter((file) => !file.is_deleted).length;
}

/** `img` for every kind of picture, else the ending. */
export function fileType(fileName: string): string {
  const ending = /\.([A-Za-z0-9]{1,8})$/.exec(fileName)?.[1]?.toLowerCase() ?? '';
  return /^(png|jpe?g|gif|webp|bmp|svg|tiff?|heic)$/.test(ending) ? 'img' : ending || 'txt';
}

/** The name with something of its own before the ending, as the storage has it. */
export function storageName(fileName: string, own = randomUUID().replaceAll('-', '')): string {
  const [, stem = '', ending = ''] = /^(.*?)(\.[A-Za-z0-9]{1,8})?$/su.exec(fileName) ?? [];
  return `${stem.replaceAll(/[^\w.-]+/g, '_')}_${own}${ending}`;
}

/** A file as v1 shows it. */
export function fileV1({ db, company }: World, file: StoredFile): JsonObject {
  const { name, description, blob_id: _, is_deleted, delete_time: __, add_time, update_time, ...row } = file;
  const person = db.persons.get(file.person_id ?? 0)?.name ?? '';
  return {
    ...row,
    mail_message_id: String(file.mail_message_id ?? ''),
    log_id: null,
    add_time: v1Time(add_time),
    update_time: v1Time(update_time),
    active_flag: !is_deleted,
    inline_flag: false,
    cid: '',
    s3_bucket: '',
    mail_template_id: '',
    deal_name: db.deals.get(file.deal_id ?? 0)?.title ?? '',
    person_name: person,
    people_name: person,
    org_name: db.organizations.get(file.org_id ?? 0)?.name ?? '',
    product_name: db.products.get(file.product_id ?? 0)?.name ?? '',
    lead_name: db.leads.get(file.lead_id ?? '')?.title ?? '',
    project_name: db.projects.get(file.project_id ?? 0)?.title ?? '',
    url: `https://${company.domain}.pipedrive.com/api/v1/files/${file.id}/download`,
    name,
    description,
  };
}
