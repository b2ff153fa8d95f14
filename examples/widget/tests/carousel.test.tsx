import { StrictMode } from 'react';
import { act, fireEvent, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { afterEach, expect, it, vi } from 'vitest';
import { RecommendationCarousel } from '../src';
import { answer, api, items, recommends, seer } from './fixture';

afterEach(() => { vi.unstubAllGlobals(); vi.useRealTimers(); });

const names = () => [...document.querySelectorAll<HTMLElement>('[aria-roledescription=slide]')].map((s) => within(s).getByText(/^Mug/).textContent);

async function accessible() {
  const r = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } } });
  expect(r.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join()}`)).toEqual([]);
}

it('shows what the API sends, in its order', async () => {
  const fetch = recommends();
  render(<StrictMode><RecommendationCarousel apiUrl="/recs" userId="user 1" count={8} currency="GBP" locale="en-GB" /></StrictMode>);
  expect(screen.getByRole('region', { name: 'Recommended For You' })).toHaveProperty('ariaBusy');
  await screen.findByText('Mug number 0');
  expect(names()).toEqual(items.map((i) => i.title));
  expect(screen.getByText('£2.50')).toBeDefined();
  expect(screen.getByRole('group', { name: '3 of 8' })).toBeDefined();
  expect(String(fetch.mock.calls.at(-1)![0])).toBe('/recs/recommend?user_id=user+1&fallback=true&k=8');
  await accessible();
});

it('uses every class, title and picture it is given', async () => {
  recommends();
  const { container } = render(
    <RecommendationCarousel apiUrl="" userId="u" title="For you" className="a b" containerClassName="row" cardClassName="card" />,
  );
  await screen.findByText('Mug number 0');
  expect(container.querySelector('section')!.className).toBe('rsl a b');
  expect(container.querySelector('.rsl-track')!.className).toContain('row');
  expect(container.querySelectorAll('.rsl-card.card')).toHaveLength(8);
  expect(screen.getByRole('heading', { name: 'For you' })).toBeDefined();
  const pictures = [...container.querySelectorAll('img')];
  expect(pictures.map((p) => p.getAttribute('src'))).toEqual(items.filter((i) => i.img_url).map((i) => i.img_url));
  expect(pictures.every((p) => p.getAttribute('loading') === 'lazy' && p.alt === '')).toBe(true);
  fireEvent.error(pictures[0]!);
  expect(container.querySelectorAll('.rsl-initials')).toHaveLength(2);
});

it('accepts items instead of asking', async () => {
  const fetch = recommends();
  render(<RecommendationCarousel apiUrl="" userId="u" testRecommendations={[{ item_id: 'a', score: 1, title: 'Mug', image_url: '/old.png', price: 3 }]} locale="en" />);
  expect(screen.getByText('3.00')).toBeDefined();
  expect(document.querySelector('img')!.getAttribute('src')).toBe('/old.png');
  expect(fetch).not.toHaveBeenCalled();
});

it('shows an error, and recovers by retry', async () => {
  let broken = true;
  api(() => (broken ? answer({ detail: 'no model is loaded' }, 503) : answer({ recommendations: items })));
  render(<RecommendationCarousel apiUrl="" userId="u" />);
  expect((await screen.findByRole('alert')).textContent).toContain('could not be loaded');
  await accessible();
  broken = false;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  await screen.findByText('Mug number 0');
  expect(screen.queryByRole('alert')).toBeNull();
});

it('says when there is nothing, also without anybody to recommend to', async () => {
  recommends([]);
  const { rerender } = render(<RecommendationCarousel apiUrl="" userId="u" />);
  await screen.findByText('Nothing to recommend yet.');
  await accessible();
  rerender(<RecommendationCarousel apiUrl="" fallback={false} labels={{ empty: 'Noch nichts.' }} />);
  await screen.findByText('Noch nichts.');
});

it('asks again only when something else is asked for', async () => {
  const fetch = recommends();
  const view = (max: number) => <RecommendationCarousel apiUrl="" userId="u" filters={{ maxPrice: max }} onItemClick={() => {}} />;
  const { rerender, unmount } = render(view(3));
  await screen.findByText('Mug number 0');
  rerender(view(3));
  expect(fetch).toHaveBeenCalledTimes(1);
  rerender(view(4));
  await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(2));
  const signal = fetch.mock.calls[1]![1]!.signal!;
  unmount();
  expect(signal.aborted).toBe(true);
});

it('moves among cards by keyboard', async () => {
  recommends();
  render(<RecommendationCarousel apiUrl="" userId="u" itemHref="/p/{item_id}" />);
  await screen.findByText('Mug number 0');
  const links = screen.getAllByRole('link');
  expect(links[0]!.getAttribute('href')).toBe('/p/item%2F0');
  await userEvent.tab();
  expect(document.activeElement).toBe(links[0]);
  await userEvent.keyboard('{ArrowRight}{ArrowRight}{ArrowLeft}');
  expect(document.activeElement).toBe(links[1]);
  await userEvent.keyboard('{End}');
  expect(document.activeElement).toBe(links[7]);
  await userEvent.keyboard('{Home}');
  expect(document.activeElement).toBe(links[0]);
});

it('swaps the arrow keys where text runs from right to left', async () => {
  recommends();
  render(<><style>{'.rsl-viewport { direction: rtl }' /* jsdom inherits no direction from dir */}</style><RecommendationCarousel apiUrl="" userId="u" onItemClick={() => {}} /></>);
  await screen.findByText('Mug number 0');
  const cards = [...document.querySelectorAll<HTMLElement>('[data-rsl-card]')];
  cards[0]!.focus();
  await userEvent.keyboard('{ArrowLeft}');
  expect(document.activeElement).toBe(cards[1]);
});

it('reports clicks and impressions once, and calls back', async () => {
  const see = seer();
  const fetch = recommends();
  const clicked = vi.fn(), seen = vi.fn();
  const { unmount } = render(<RecommendationCarousel apiUrl="/recs" userId="u" reportEvents onItemClick={clicked} onImpression={seen} />);
  await screen.findByText('Mug number 0');
  vi.useFakeTimers();
  const cards = [...document.querySelectorAll('[data-rsl-card]')];
  see(cards[2]!);
  await act(() => vi.advanceTimersByTimeAsync(1100));
  see(cards[2]!);
  fireEvent.click(cards[0]!);
  await act(() => vi.advanceTimersByTimeAsync(5000));
  unmount();
  expect(clicked.mock.calls[0]![0]).toMatchObject({ item_id: 'item/0' });
  expect(seen.mock.calls).toEqual([[items[2], 2]]);
  const events = fetch.mock.calls.filter(([url]) => String(url) === '/recs/events').flatMap(([, init]) => JSON.parse(String(init!.body)).events);
  expect(events.map((e: { event_type: string; item_id: string }) => [e.event_type, e.item_id])).toEqual([['impression', 'item/2'], ['click', 'item/0']]);
});

it('reports nothing unless asked to', async () => {
  const see = seer();
  const fetch = recommends();
  const seen = vi.fn();
  render(<RecommendationCarousel apiUrl="/recs" userId="u" onItemClick={() => {}} onImpression={seen} />);
  await screen.findByText('Mug number 0');
  vi.useFakeTimers();
  const card = document.querySelector('[data-rsl-card]')!;
  see(card);
  fireEvent.click(card);
  await act(() => vi.advanceTimersByTimeAsync(5000));
  expect(seen).toHaveBeenCalledTimes(1);
  expect(fetch).toHaveBeenCalledTimes(1);
});

it('explains when asked to', async () => {
  const fetch = recommends();
  render(<RecommendationCarousel apiUrl="" userId="u" explain />);
  await screen.findByText('Because of mug 0');
  expect(String(fetch.mock.calls[0]![0])).toContain('explain=true');
});
