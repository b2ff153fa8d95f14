import { cleanup } from '@testing-library/react';
import { afterEach, beforeEach } from 'vitest';
import { sharedClient } from '../src/core';

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}

if (typeof window !== 'undefined') {
  window.matchMedia ??= ((query: string) => ({
    matches: false, media: query, onchange: null,
    addEventListener() {}, removeEventListener() {}, addListener() {}, removeListener() {}, dispatchEvent: () => false,
  })) as typeof window.matchMedia;
  class Observer {
    observe() {}
    unobserve() {}
    disconnect() {}
    takeRecords() { return []; }
  }
  window.ResizeObserver ??= Observer as unknown as typeof ResizeObserver;
  window.IntersectionObserver ??= Observer as unknown as typeof IntersectionObserver;
}

beforeEach(() => sharedClient().forget());
afterEach(() => { if (typeof window !== 'undefined') cleanup(); });
