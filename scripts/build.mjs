// Builds the one file that runs and ships: dist/pipedrive-mcp.mjs.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
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

const small = { ...common, minify: true, keepNames: true };

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
    plugin.onLoad({ filter: /src[\\/]tools[\\/]entries\.ts$/ }, async ({ path }) => {
      const { toolNames, allTools } = await evaluate(path);
      const text = JSON.stringify(JSON.stringify(allTools()));
      return {
        contents: `
          export const toolNames = ${JSON.stringify(toolNames)};
          let made;
          export const allTools = () => (made ??= JSON.parse(${text}));`,
        loader: 'js',
      };
    });
  },
};

const MARK = 'what is loaded later';

/** Puts in the place of src/later.ts what reads and compiles the text that `bundle` keeps at the end of the file. */
const later = (exported) => ({
  name: 'later',
  setup(plugin) {
    plugin.onLoad({ filter: /src[\\/]later\.ts$/ }, () => ({
      loader: 'js',
      contents: `
        import { readFileSync } from 'node:fs';
        import { createRequire } from 'node:module';
        import { fileURLToPath } from 'node:url';
        const filename = fileURLToPath(import.meta.url);
        const text = readFileSync(filename, 'utf8');
        const [, packed = ''] = text.slice(text.lastIndexOf('//// ' + ${JSON.stringify(MARK)})).split('\\n//');
        // Not imported, lest the start load them.
        const { compileFunction } = process.getBuiltinModule('node:vm');
        const { brotliDecompressSync } = process.getBuiltinModule('node:zlib');
        const source = brotliDecompressSync(Buffer.from(packed, 'base64')).toString('utf8');
        const module = { exports: {} };
        const run = compileFunction(source, ['module', 'exports', 'require'], { filename });
        run(module, module.exports, createRequire(import.meta.url));
        export const { ${exported.join(', ')} } = module.exports;`,
    }));
  },
});

/**
 * One file: what a start needs as a module, everything else packed behind it as a comment, which the engine skips. Compiling
 * the whole took longer than all the rest of a start.
 */
export async function bundle(outfile = join(root, 'dist', 'pipedrive-mcp.mjs')) {
  const exported = Object.keys(await evaluate('src/later.ts'));
  const [start, rest] = await Promise.all([
    build({ ...small, entryPoints: ['src/index.ts'], write: false, plugins: [frozen, later(exported)], banner }),
    build({ ...small, entryPoints: ['src/later.ts'], write: false, plugins: [frozen], format: 'cjs' }),
  ]);
  // Packed, since even a comment has to be read.
  const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
  const packed = brotliCompressSync(rest.outputFiles[0].contents, options).toString('base64');
  const text = `${start.outputFiles[0].text}\n//// ${MARK}\n//${packed}\n`;
  await mkdir(dirname(outfile), { recursive: true });
  await writeFile(outfile, text, { mode: 0o755 });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
