// @vitest-environment node
import { renderToString } from 'react-dom/server';
import { expect, it } from 'vitest';
import { RecommendationCarousel } from '../src';
import { RecsysCarousel } from '../src/element';
import { items } from './fixture';

it('renders on a server: a skeleton, or the items that are given', () => {
  expect(typeof document).toBe('undefined');
  const skeleton = renderToString(<RecommendationCarousel apiUrl="" userId="u" />);
  expect(skeleton).toContain('rsl-bone');
  const full = renderToString(<RecommendationCarousel apiUrl="" userId="u" testRecommendations={items} currency="EUR" locale="en" reportEvents />);
  expect(full).toContain('Mug number 7');
  expect(full).toContain('€2.50');
});

it('has an element module that a server may import', () => {
  expect(RecsysCarousel.observedAttributes).toContain('user-id');
});
