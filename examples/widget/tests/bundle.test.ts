// @vitest-environment node
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, it } from 'vitest';

const dist = new URL('../dist/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, dist));

it.each([
  ['the React widget with its styles', ['recsys-lite-widget.umd.cjs', 'style.css']],
  ['the custom element', ['recsys-carousel.js']],
])('%s stays under 25 kB of gzip', (_, files) => {
  const size = files.reduce((sum, f) => sum + gzipSync(read(f), { level: 9 }).length, 0);
  expect(size).toBeLessThan(25_000);
});

it('bundles no React, and ships types', () => {
  for (const f of readdirSync(dist).filter((f) => /\.c?js$/.test(f))) {
    expect(read(f).toString(), f).not.toContain('__SECRET_INTERNALS');
    expect(read(f).toString(), f).not.toContain('react.transitional.element');
  }
  expect(read('types/index.d.ts').toString()).toContain('RecommendationCarousel');
});

it('is shaken from a tree: who imports the client alone gets no carousel', async () => {
  const entry = new URL('core.js', dist).pathname;
  const result = await build({
    configFile: false, logLevel: 'silent',
    build: { write: false, minify: true, rollupOptions: { input: 'virtual:entry', preserveEntrySignatures: 'strict' } },
    plugins: [{
      name: 'virtual', enforce: 'pre',
      resolveId: (id) => (id === 'virtual:entry' ? '\0entry' : undefined),
      load: (id) => (id === '\0entry' ? `export { formatPrice } from ${JSON.stringify(entry)};` : undefined),
    }],
  });
  const { output } = result as unknown as { output: [{ code: string }] };
  expect(output[0].code.length).toBeLessThan(1500);
});
