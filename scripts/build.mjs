// Builds the one file that runs and ships: dist/pipedrive-mcp.mjs.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.18',
  logLevel: 'warning',
};
// Some dependencies are CommonJS and ask for Node's own modules by require.
const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" };

/** Evaluates a module of the project, as it stands in the source. */
export async function evaluate(path) {
  const folder = await mkdtemp(join(root, 'node_modules', '.evaluate-'));
  try {
    const outfile = join(folder, 'module.mjs');
    await build({ ...common, entryPoints: [path], outfile, banner });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Puts the value of the tool definitions in the place of the module that makes them. */
const frozen = {
  name: 'frozen-definitions',
  setup(plugin) {
    plugin.onLoad({ filter: /src[\\/]tools[\\/]definitions\.ts$/ }, async ({ path }) => {
      const { entries } = await evaluate(path);
      return {
        contents: `export const entries = JSON.parse(${JSON.stringify(JSON.stringify(entries))});`,
        loader: 'js',
      };
    });
  },
};

export async function bundle(outfile = join(root, 'dist', 'pipedrive-mcp.mjs')) {
  await build({
    ...common,
    entryPoints: ['src/index.ts'],
    outfile,
    plugins: [frozen],
    minify: true,
    keepNames: true,
    banner,
  });
  // esbuild keeps the shebang of the entry before the banner; the file must be executable to serve as a bin.
  await writeFile(outfile, await readFile(outfile), { mode: 0o755 });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
