import axe from 'axe-core';
import { afterEach, expect, it, vi } from 'vitest';
import '../src/element';
import { answer, api, items, recommends, seer } from './fixture';

afterEach(() => { document.body.replaceChildren(); vi.unstubAllGlobals(); vi.useRealTimers(); });

async function mounted(attributes: Record<string, string>, status = 'ready') {
  const e = document.createElement('recsys-carousel');
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  document.body.append(e);
  await vi.waitFor(() => expect(e.shadowRoot!.querySelector<HTMLElement>('section')!.dataset.status).toBe(status));
  return e;
}
const $ = (e: Element, selector: string) => [...e.shadowRoot!.querySelectorAll<HTMLElement>(selector)];

it('shows what the API sends', async () => {
  const fetch = recommends();
  const e = await mounted({ 'api-url': '/recs', 'user-id': 'ü/1', currency: 'EUR', locale: 'de', 'title-text': 'Für dich', 'item-href': '/p/{item_id}' });
  expect($(e, '.rsl-name').map((n) => n.textContent)).toEqual(items.map((i) => i.title));
  expect($(e, '.rsl-price')[0]!.textContent).toBe('2,50\u00a0€');
  expect($(e, 'h2')[0]!.textContent).toBe('Für dich');
  expect($(e, 'a')[0]!.getAttribute('href')).toBe('/p/item%2F0');
  expect(fetch.mock.calls.map((c) => c[0])).toEqual(['/recs/recommend?user_id=%C3%BC%2F1&fallback=true&k=10']);
  expect($(e, '[part~=card]')).toHaveLength(8);
  const r = await axe.run(e, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } } });
  expect(r.violations.map((v) => v.id)).toEqual([]);
});

it('asks once for any number of changes at a time', async () => {
  const fetch = recommends();
  const e = await mounted({ 'user-id': 'a' });
  e.setAttribute('user-id', 'b');
  e.setAttribute('count', '3');
  e.filters = { maxPrice: 4 };
  e.sessionItems = ['x,y'];
  await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(2));
  expect(JSON.parse(String(fetch.mock.calls[1]![1]!.body))).toMatchObject({ user_id: 'b', k: 3, session: ['x,y'], filter: { max_price: 4 } });
  e.setAttribute('currency', 'EUR');
  await new Promise((r) => setTimeout(r, 5));
  expect(fetch).toHaveBeenCalledTimes(2);
});

it('recovers from an error by retry', async () => {
  let broken = true;
  api(() => (broken ? answer({}, 500) : answer({ recommendations: items })));
  const failed = vi.fn();
  document.addEventListener('recsys-error', failed, { once: true });
  const e = await mounted({ 'user-id': 'u' }, 'error');
  expect($(e, '[role=alert]')).toHaveLength(1);
  expect(failed).toHaveBeenCalledTimes(1);
  broken = false;
  $(e, '.rsl-message button')[0]!.click();
  await vi.waitFor(() => expect($(e, '.rsl-name')).toHaveLength(8));
  expect($(e, '[role=alert]')).toHaveLength(0);
});

it('tells of clicks and impressions, and reports them', async () => {
  const see = seer();
  const fetch = recommends();
  const e = await mounted({ 'api-url': '/recs', 'user-id': 'u', 'report-events': '', 'item-href': '#{item_id}' });
  vi.useFakeTimers();
  const clicked = vi.fn((ev: Event) => ev.preventDefault()), seen = vi.fn();
  e.addEventListener('recsys-click', clicked);
  e.addEventListener('recsys-impression', seen);
  const click = new MouseEvent('click', { bubbles: true, composed: true, cancelable: true });
  $(e, '.rsl-price')[1]!.dispatchEvent(click);
  see($(e, '.rsl-card')[0]!);
  await vi.advanceTimersByTimeAsync(5000);
  expect(click.defaultPrevented).toBe(true);
  expect((clicked.mock.calls[0]![0] as CustomEvent).detail).toMatchObject({ position: 1, item: { item_id: 'item/1' } });
  expect(seen).toHaveBeenCalledTimes(1);
  const events = fetch.mock.calls.filter(([url]) => url === '/recs/events').flatMap(([, init]) => JSON.parse(String(init!.body)).events);
  expect(events.map((x: { event_type: string }) => x.event_type)).toEqual(['click', 'impression']);
});

it('shows items that it is given, and nothing that filters it cannot read would forbid', async () => {
  const fetch = recommends();
  const e = document.createElement('recsys-carousel');
  e.items = items.slice(0, 2);
  document.body.append(e);
  await vi.waitFor(() => expect($(e, '.rsl-name')).toHaveLength(2));
  expect(fetch).not.toHaveBeenCalled();
  const complaint = vi.spyOn(console, 'error').mockImplementation(() => {});
  await mounted({ 'user-id': 'u', filters: '{oops' });
  expect(JSON.parse(String(fetch.mock.calls[0]![1]!.body)).filter).toEqual({ include_items: [''] });
  expect(complaint).toHaveBeenCalled();
});

it('can be moved about the page', async () => {
  recommends();
  const e = await mounted({ 'user-id': 'u' });
  const box = document.createElement('div');
  document.body.append(box);
  box.append(e);
  await vi.waitFor(() => expect($(e, '.rsl-name')).toHaveLength(8));
  e.remove();
});
