#!/usr/bin/env node
export {};

// The version is checked before anything else is loaded: older Nodes fail at import with a message that helps nobody.
const [major = 0, minor = 0, patch = 0] = process.versions.node.split('.').map(Number);
if (major > 20 || (major === 20 && (minor > 18 || (minor === 18 && patch >= 1)))) {
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  process.stderr.write(`pipedrive-mcp needs Node 20.18.1 or later; this is ${process.versions.node}.\n`);
  process.exitCode = 1;
}
