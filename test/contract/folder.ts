import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the official OpenAPI files, or why the contract can't be checked here. */
export function contractFolder(): { path: string } | { missing: string } {
  const path = process.env['PIPEDRIVE_OPENAPI_DIR'];
  if (!path)
    return { missing: 'PIPEDRIVE_OPENAPI_DIR does not name a folder with openapi-v1.yaml and openapi-v2.yaml' };
  const absent = ['openapi-v1.yaml', 'openapi-v2.yaml'].filter((name) => !existsSync(join(path, name)));
  return absent.length > 0 ? { missing: `PIPEDRIVE_OPENAPI_DIR (${path}) has no ${absent.join(', ')}` } : { path };
}
