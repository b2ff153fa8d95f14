// @vitest-environment node
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('is what the demo shop has embedded', () => {
  const built = readFileSync(new URL('../dist/recsys-carousel.js', import.meta.url), 'utf8');
  const embedded = readFileSync(new URL('../../recsys-lite/shop/static/vendor/recsys-carousel.js', import.meta.url), 'utf8');
  expect(embedded === built, 'the demo has an old build: npm run build:shop').toBe(true);
});
