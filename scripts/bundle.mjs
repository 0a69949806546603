// Makes the bundle for Claude Desktop: one .mcpb with the built file, the manifest, the README and the licence.
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packExtension } from '@anthropic-ai/mcpb';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Packs into `outfile`; throws where the manifest does not hold. */
export async function pack(outfile) {
  const folder = await mkdtemp(join(root, 'node_modules', '.bundle-'));
  try {
    await mkdir(join(folder, 'dist'));
    for (const file of ['manifest.json', 'README.md', 'LICENSE', 'dist/pipedrive-mcp.mjs']) {
      await copyFile(join(root, file), join(folder, file));
    }
    if (!(await packExtension({ extensionPath: folder, outputPath: outfile, silent: true }))) {
      throw new Error('the bundle was not packed');
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await pack(join(root, 'pipedrive-agent-mcp.mcpb'));
  process.stdout.write('pipedrive-agent-mcp.mcpb\n');
}
