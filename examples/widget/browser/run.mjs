// Drives Chromium against the running program: node browser/run.mjs (npm run test:browser).
// RECSYS_LITE is the program, CHROMIUM the browser, DEMO_DIR keeps the trained models.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { start } from './server.mjs';

const program = resolve(process.env.RECSYS_LITE ?? '../../bin/recsys-lite');
const temporary = await mkdtemp(join(tmpdir(), 'recsys-browser-'));
const dir = process.env.DEMO_DIR ? resolve(process.env.DEMO_DIR) : temporary;

const server = start(program, ['demo', '--dir', dir, '--port', '0'], { cwd: temporary });
let browser;
let failed = 0;

/** open shows a page and remembers whatever must not happen on it. */
async function open(path, { width = 1440, scheme = 'light', prepare } = {}) {
  const base = await server.url;
  const context = await browser.newContext({ viewport: { width, height: width < 500 ? 780 : 1000 }, colorScheme: scheme, reducedMotion: 'reduce', hasTouch: width < 500 });
  const page = await context.newPage();
  const faults = [];
  const allowed = [];
  page.on('console', (m) => {
    if ((m.type() === 'error' || m.type() === 'warning') && !allowed.some((a) => a.test(m.text()))) faults.push(`console ${m.type()}: ${m.text()}`);
  });
  page.on('pageerror', (e) => faults.push(`exception: ${e.message}`));
  page.on('request', (r) => {
    if (!r.url().startsWith(base) && !r.url().startsWith('data:')) faults.push(`request off the host: ${r.url()}`);
  });
  await prepare?.(page);
  await page.goto(base + path);
  return { page, base, allow: (pattern) => allowed.push(pattern), async close() { await context.close(); assert.deepEqual(faults, []); } };
}

async function shop(query = '', options) {
  const s = await open(`/${query}`, options);
  await s.page.waitForSelector('html[data-ready]');
  await s.page.locator('#picks [data-rsl-card]').first().waitFor();
  return s;
}

/** journal returns the events that the server has written. */
async function journal() {
  const names = await readdir(join(dir, 'journal'));
  const texts = await Promise.all(names.map((n) => readFile(join(dir, 'journal', n), 'utf8')));
  return texts.join('');
}

async function eventually(what, check) {
  for (const end = Date.now() + 10_000; ; await new Promise((r) => setTimeout(r, 100))) {
    if (await check()) return;
    if (Date.now() > end) throw new Error(`never happened: ${what}`);
  }
}

async function test(name, run) {
  const began = Date.now();
  try {
    await run();
    console.log(`ok    ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    failed++;
    console.log(`FAIL  ${name}\n      ${String(error.stack ?? error).replaceAll('\n', '\n      ')}`);
  }
}

try {
  await server.url;
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });

  for (const width of [360, 1440]) {
    await test(`the shop shows what the API sends, at ${width} px`, async () => {
      const s = await shop('?customer=12948&model=ease', { width });
      const { recommendations } = await (await fetch(`${s.base}/models/ease/recommend?user_id=12948&k=18`)).json();
      assert.deepEqual(await s.page.locator('#picks [part~=name]').allTextContents(), recommendations.map((r) => r.title));
      assert.equal(await s.page.locator('#picks [part~=price]').first().textContent(), `£${recommendations[0].price.toFixed(2)}`);
      assert.ok((await s.page.locator('#picks [part~=explanation]').first().textContent()).startsWith('Because'));
      assert.equal(await s.page.evaluate(() => document.documentElement.scrollWidth), width, 'nothing sticks out');
      const broken = await s.page.evaluate(() => [...document.querySelectorAll('img')].filter((i) => i.complete && i.naturalWidth === 0).map((i) => i.src));
      assert.deepEqual(broken, []);
      await s.close();
    });
  }

  await test('the keyboard walks along the cards and opens one', async () => {
    const s = await shop('?customer=12948');
    const cards = s.page.locator('#picks [data-rsl-card]');
    await cards.first().focus();
    for (let i = 0; i < 7; i++) await s.page.keyboard.press('ArrowRight');
    const seventh = await s.page.evaluate(() => document.querySelector('#picks').shadowRoot.activeElement.dataset.rslCard);
    assert.equal(seventh, await cards.nth(7).getAttribute('data-rsl-card'));
    await eventually('the focused card comes into view', async () => {
      const box = await cards.nth(7).boundingBox();
      return box.x >= 0 && box.x + box.width <= 1440;
    });
    await s.page.keyboard.press('Home');
    await s.page.keyboard.press('Enter');
    await s.page.locator('#product[open] h2').first().waitFor();
    assert.equal(await s.page.locator('#product-title').textContent(), await cards.first().locator('[part~=name]').textContent());
    await s.page.locator('#product recsys-carousel [data-rsl-card]').first().waitFor();
    await s.page.keyboard.press('Escape');
    assert.equal(await s.page.locator('#product[open]').count(), 0);
    await s.close();
  });

  await test('impressions and clicks arrive in the journal', async () => {
    const s = await shop('?customer=12612&model=ease');
    const card = s.page.locator('#picks [data-rsl-card]').nth(1);
    const id = await card.getAttribute('data-rsl-card');
    await card.scrollIntoViewIfNeeded();
    await s.page.waitForTimeout(1300);
    await card.click();
    const has = (type) => async () => (await journal()).split('\n').some((l) => l.includes('"12612"') && l.includes(`"${id}"`) && l.includes(`"${type}"`));
    await eventually('a click in the journal', has('click'));
    await eventually('an impression in the journal', has('impression'));
    await s.page.waitForTimeout(300);
    await s.page.keyboard.press('Escape');
    assert.equal(await s.page.locator('#picks [data-rsl-card]').nth(1).getAttribute('data-rsl-card'), id, 'what was only looked at stays');
    await s.close();
  });

  await test('a failing API shows the error, and a retry recovers', async () => {
    let broken = true;
    const s = await open('/?customer=12948', {
      prepare: (page) => page.route('**/recommend**', (route) =>
        broken ? route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"status":503,"detail":"no model is loaded"}' }) : route.continue()),
    });
    s.allow(/503/);
    const alert = s.page.locator('#picks [role=alert]');
    await alert.waitFor();
    const height = (await s.page.locator('#picks').boundingBox()).height;
    broken = false;
    await alert.getByRole('button', { name: 'Try again' }).click();
    await s.page.locator('#picks [data-rsl-card]').first().waitFor();
    assert.equal(await alert.count(), 0);
    assert.ok(Math.abs((await s.page.locator('#picks').boundingBox()).height - height) <= 2, 'nothing below has moved');
    await s.close();
  });

  await test('a purchase changes the ranking at once, in every model', async () => {
    const s = await shop('?customer=17891&model=ease');
    const first = s.page.locator('#picks [data-rsl-card]').first();
    const id = await first.getAttribute('data-rsl-card');
    await first.click();
    await s.page.locator('#product').getByRole('button', { name: 'Buy now' }).click();
    await s.page.locator('#changes .before-after').waitFor();
    assert.match(await s.page.locator('#changes ol').first().textContent(), /bought/);
    await eventually('the bought item leaves the picks', async () => !(await s.page.locator('#picks [data-rsl-card]').evaluateAll((c) => c.map((e) => e.dataset.rslCard))).includes(id));
    await eventually('it is in the history', async () => (await s.page.locator('#history li.new').count()) === 1);
    for (const kind of ['als', 'itemknn', 'sessionknn']) {
      const { recommendations } = await (await fetch(`${s.base}/models/${kind}/recommend?user_id=17891&k=50`)).json();
      assert.ok(!recommendations.some((r) => r.item_id === id), kind);
    }
    await s.close();
  });

  await test('a guest fills a basket, filters, and becomes a customer', async () => {
    const s = await shop('', { width: 360, scheme: 'dark' });
    await s.page.getByRole('combobox', { name: 'Search' }).fill('lunch bag');
    await s.page.locator('#found li').first().waitFor();
    await s.page.keyboard.press('Enter');
    await s.page.locator('#product').getByRole('button', { name: 'Add to basket' }).click();
    await eventually('picks from the basket', async () => (await s.page.locator('#picks [part~=title]').textContent()) === 'Picked for you');
    await s.page.getByRole('group', { name: 'Department' }).getByRole('button', { name: 'Kitchen & Dining' }).click();
    await eventually('one department only', async () => {
      const meta = await s.page.locator('#picks [data-rsl-card] [part~=meta]').allTextContents();
      return meta.length > 0 && meta.every((m) => m === 'Kitchen & Dining');
    });
    await s.page.locator('#basket-open').click();
    await s.page.getByRole('button', { name: 'Buy and see what changes' }).click();
    await s.page.locator('#changes .before-after').waitFor();
    assert.match(await s.page.locator('#who').getAttribute('aria-label'), /Customer guest-/);
    await s.close();
  });

  await test('the models can be switched', async () => {
    const s = await shop('?customer=12948&model=ease');
    const names = () => s.page.locator('#picks [part~=name]').allTextContents();
    const ease = await names();
    await s.page.getByRole('group', { name: 'Model' }).getByRole('button', { name: 'ALS' }).click();
    await eventually('another ranking', async () => JSON.stringify(await names()) !== JSON.stringify(ease) && (await names()).length > 0);
    await s.close();
  });

  await test('the dashboard is live', async () => {
    const s = await open('/dashboard');
    await s.page.locator('#state.ok').waitFor();
    await s.page.locator('#models .badge').waitFor();
    await eventually('two polls', async () => (await s.page.locator('#tiles path').count()) > 0);
    assert.match(await s.page.locator('#data').textContent(), /3,\d{3} of 4,070/);
    await s.close();
  });
} catch (error) {
  failed++;
  console.error(error);
} finally {
  await browser?.close();
  await server.stop().catch(() => {});
  await rm(temporary, { recursive: true, force: true });
}
console.log(failed ? `${failed} failed` : 'all passed');
process.exit(failed ? 1 : 0);
