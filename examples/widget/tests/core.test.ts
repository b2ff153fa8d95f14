import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError, Client, Impressions, List, Reporter, fillTemplate, formatPrice, initials, listRequest, type ListQuery } from '../src/core';
import { answer, api, items, recommends, seer } from './fixture';

const query: ListQuery = { apiUrl: 'https://shop.example/recs/', userId: 'u', count: 5, fallback: true, explain: false };

afterEach(() => { vi.unstubAllGlobals(); vi.useRealTimers(); });

describe('requests', () => {
  it('encodes any user id', () => {
    const { url, init } = listRequest({ ...query, userId: 'b/o "b" & 🎁' });
    expect(init.method).toBe('GET');
    expect(url.startsWith('https://shop.example/recs/recommend?')).toBe(true);
    expect(new URL(url).searchParams.get('user_id')).toBe('b/o "b" & 🎁');
    expect(new URL(url).searchParams.get('k')).toBe('5');
  });
  it('posts sessions and filters, so that ids may hold commas', () => {
    const { url, init } = listRequest({
      ...query, userId: undefined, sessionItems: ['a,b', 'c'],
      filters: { categories: ['Bags'], minPrice: 0, maxPrice: 9.5, attributes: { colour: ['red'] } },
    });
    expect(url).toBe('https://shop.example/recs/recommend');
    expect(JSON.parse(init.body!)).toEqual({
      session: ['a,b', 'c'], k: 5, fallback: true, explain: false,
      filter: { categories: ['Bags'], min_price: 0, max_price: 9.5, attributes: { colour: ['red'] } },
    });
  });
  it('asks for what is popular where nothing is known of the visitor', () => {
    expect(listRequest({ ...query, userId: undefined, filters: { maxPrice: 3 } }).url).toBe('https://shop.example/recs/popular?k=5&max_price=3');
  });
  it('asks for similar items with filters in the query', () => {
    const p = new URL(listRequest({ ...query, itemId: '10123C', filters: { brands: ['x', 'y'], attributes: { colour: ['red'] } } }).url);
    expect(p.pathname).toBe('/recs/similar-items');
    expect(p.searchParams.getAll('brands')).toEqual(['x', 'y']);
    expect(p.searchParams.get('attr.colour')).toBe('red');
  });
  it('sends the key as a header only', () => {
    const { url, init } = listRequest({ ...query, apiKey: 'secret' });
    expect(init.headers['X-API-Key']).toBe('secret');
    expect(url).not.toContain('secret');
  });
});

describe('client', () => {
  it('shares one request and repeats the answer', async () => {
    const fetch = recommends();
    const client = new Client();
    const [a, b] = await Promise.all([client.fetchList(query), client.fetchList(query)]);
    expect(a).toEqual(b);
    await client.fetchList(query);
    expect(fetch).toHaveBeenCalledTimes(1);
    client.forget();
    await client.fetchList(query);
    expect(fetch).toHaveBeenCalledTimes(2);
  });
  it('aborts the request when the last one who waits leaves, and not before', async () => {
    const signals: AbortSignal[] = [];
    api((_, init) => { signals.push(init.signal!); return new Promise(() => {}); });
    const client = new Client();
    const one = new AbortController(), two = new AbortController();
    const first = client.fetchList(query, one.signal).catch((e: Error) => e.name);
    const second = client.fetchList(query, two.signal).catch((e: Error) => e.name);
    one.abort();
    expect(await first).toBe('AbortError');
    expect(signals[0]!.aborted).toBe(false);
    two.abort();
    expect(await second).toBe('AbortError');
    expect(signals[0]!.aborted).toBe(true);
  });
  it('tells what the API complains of', async () => {
    api(() => answer({ title: 'Not Found', status: 404, detail: '"x" has no events' }, 404, { 'Retry-After': '7' }));
    await expect(new Client().fetchList(query)).rejects.toMatchObject({ status: 404, message: '"x" has no events', retryAfter: 7 });
    api(() => answer('<html>', 502));
    await expect(new Client().fetchList(query)).rejects.toMatchObject({ status: 502 });
    api(() => answer({ hello: 1 }));
    await expect(new Client().fetchList(query)).rejects.toThrow(/apiUrl/);
  });
  it('gives up after the timeout', async () => {
    api(() => new Promise(() => {}));
    await expect(new Client({ timeout: 20 }).fetchList(query)).rejects.toThrow(/20 ms/);
  });
  it('keeps no more answers than it may, and none that is too old', async () => {
    const fetch = recommends();
    const client = new Client({ cacheSize: 2, cacheFor: 1000 });
    for (const userId of ['a', 'b', 'c', 'a']) await client.fetchList({ ...query, userId });
    expect(fetch).toHaveBeenCalledTimes(4);
    vi.useFakeTimers({ now: Date.now() + 2000, toFake: ['Date'] });
    await client.fetchList({ ...query, userId: 'a' });
    expect(fetch).toHaveBeenCalledTimes(5);
  });
});

describe('list', () => {
  it('merges details, and survives their failure', async () => {
    recommends();
    const list = new List(new Client());
    await list.load(query, async (ids) => ({ [ids[0]!]: { title: 'Better' } }));
    expect(list.snapshot().items[0]).toMatchObject({ item_id: 'item/0', title: 'Better', price: 2.5 });
    await list.load(query, async (ids) => [{ id: ids[1]!, image_url: 'x.png' }]);
    expect(list.snapshot().items[1]!.img_url).toBe('x.png');
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await list.load(query, async () => { throw new Error('down'); });
    expect(list.snapshot()).toMatchObject({ status: 'ready' });
    expect(warn).toHaveBeenCalled();
  });
  it('shows the last one asked for, whatever comes first', async () => {
    const release: Record<string, (r: Response) => void> = {};
    api((url) => new Promise((resolve) => { release[new URL(url).searchParams.get('user_id')!] = resolve; }));
    const list = new List(new Client());
    void list.load({ ...query, userId: 'slow' });
    const done = list.load({ ...query, userId: 'fast' });
    await vi.waitFor(() => expect(Object.keys(release)).toHaveLength(2));
    release.fast!(answer({ recommendations: [items[1]] }));
    await done;
    release.slow!(answer({ recommendations: [items[0]] }));
    await new Promise((r) => setTimeout(r, 5));
    expect(list.snapshot().items[0]!.item_id).toBe('item/1');
  });
  it("drops a customer's items at once when another is shown, and keeps them during a refresh", async () => {
    recommends();
    const list = new List(new Client());
    await list.load(query);
    void list.load({ ...query, count: 6 });
    expect(list.snapshot()).toMatchObject({ status: 'loading', items: { length: 8 } });
    void list.load({ ...query, userId: 'other' });
    expect(list.snapshot()).toEqual({ status: 'loading', items: [] });
  });
});

describe('reporter', () => {
  const sent = (fetch: ReturnType<typeof api>) => fetch.mock.calls.map(([, init]) => JSON.parse(String(init!.body)).events.length as number);

  it('batches, and sends what is urgent at once', async () => {
    vi.useFakeTimers();
    const fetch = api(() => answer({ accepted: 1 }, 202));
    const r = new Reporter({ apiUrl: '/recs', wait: 1000 });
    for (let i = 0; i < 3; i++) r.report({ user_id: 'u', item_id: `${i}`, event_type: 'impression' });
    expect(fetch).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1000);
    r.report({ user_id: 'u', item_id: '9', event_type: 'click' }, true);
    await vi.advanceTimersByTimeAsync(0);
    expect(sent(fetch)).toEqual([3, 1]);
    expect(fetch.mock.calls[0]![0]).toBe('/recs/events');
    const [event] = JSON.parse(String(fetch.mock.calls[1]![1]!.body)).events;
    expect(event).toMatchObject({ user_id: 'u', item_id: '9', event_type: 'click' });
    expect(event.ts).toBe(Math.floor(Date.now() / 1000));
  });
  it('tries again what the server could not take, not what it refused', async () => {
    vi.useFakeTimers();
    let status = 503;
    const fetch = api(() => answer({}, status));
    const r = new Reporter({ apiUrl: '', wait: 10 });
    r.report({ user_id: 'u', item_id: 'a', event_type: 'click' }, true);
    await vi.advanceTimersByTimeAsync(5);
    status = 422;
    await vi.advanceTimersByTimeAsync(500);
    expect(sent(fetch)).toEqual([1, 1]);
    r.dispose();
    expect(fetch).toHaveBeenCalledTimes(2);
  });
  it('leaves by beacon, unless a key is needed', async () => {
    const fetch = api(() => answer({}, 202));
    const beacon = vi.fn((_url: string, _body: Blob) => true);
    Object.defineProperty(navigator, 'sendBeacon', { value: beacon, configurable: true });
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    const open = new Reporter({ apiUrl: '/a' }), keyed = new Reporter({ apiUrl: '/b', apiKey: 'k' });
    for (const r of [open, keyed]) r.report({ user_id: 'u', item_id: 'a', event_type: 'impression' });
    document.dispatchEvent(new Event('visibilitychange'));
    expect(beacon).toHaveBeenCalledTimes(1);
    expect(beacon.mock.calls[0]![0]).toBe('/a/events');
    expect(fetch.mock.calls.map((c) => c[0])).toEqual(['/b/events']);
    expect(fetch.mock.calls[0]![1]!.keepalive).toBe(true);
  });
});

describe('impressions', () => {
  it('tells once per item, after a second of half a card', () => {
    vi.useFakeTimers();
    const see = seer();
    const told: string[] = [];
    const watch = new Impressions((id) => told.push(id));
    const card = document.createElement('div');
    watch.observe(card, 'a');
    see(card, 0.4);
    vi.advanceTimersByTime(5000);
    see(card, 0.6);
    vi.advanceTimersByTime(900);
    see(card, 0);
    vi.advanceTimersByTime(5000);
    expect(told).toEqual([]);
    see(card, 0.6);
    vi.advanceTimersByTime(1000);
    watch.reset();
    watch.observe(card, 'a');
    see(card, 1);
    vi.advanceTimersByTime(5000);
    expect(told).toEqual(['a']);
  });
});

describe('presentation', () => {
  it('formats money as the locale does, and plain numbers without a currency', () => {
    expect(formatPrice(1234.5, { currency: 'EUR', locale: 'de-DE' })).toBe('1.234,50\u00a0€');
    expect(formatPrice(1234.5, { currency: 'JPY', locale: 'ja-JP' })).toBe('￥1,235');
    expect(formatPrice(2.5, { locale: 'en-GB' })).toBe('2.50');
    expect(formatPrice(null, { currency: 'EUR' })).toBe('');
  });
  it('names what has no name', () => {
    expect(initials({ item_id: 'x1', title: 'écru hanging heart' })).toBe('ÉH');
    expect(fillTemplate('/p/{item_id}', { item_id: 'a/b' })).toBe('/p/a%2Fb');
    expect(new ApiError('m', 3)).toMatchObject({ name: 'ApiError', status: 3 });
  });
});
