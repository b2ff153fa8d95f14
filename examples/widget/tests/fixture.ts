import { vi } from 'vitest';
import type { Recommendation } from '../src/core';

export const items: Recommendation[] = Array.from({ length: 8 }, (_, i) => ({
  item_id: `item/${i}`, score: 1 - i / 10, title: `Mug number ${i}`, category: 'Kitchen', brand: null,
  price: 2.5 + i, img_url: i === 1 ? null : `https://img.example/${i}.jpg`, source: 'model', explanation: `Because of mug ${i}`,
}));

export function answer(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });
}

/** api replaces fetch; each call is answered by what handle returns. */
export function api(handle: (url: string, init: RequestInit) => Response | Promise<Response>) {
  const mock = vi.fn((url: string | URL | Request, init: RequestInit = {}) => {
    return new Promise<Response>((resolve, reject) => {
      init.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
      void Promise.resolve().then(() => handle(String(url), init)).then(resolve, reject);
    });
  });
  vi.stubGlobal('fetch', mock);
  return mock;
}

export const recommends = (list = items) => api(() => answer({ user_id: 'u', recommendations: list }));

/** seer replaces IntersectionObserver; see() makes cards visible. */
export function seer() {
  const callbacks = new Map<Element, IntersectionObserverCallback>();
  class Fake {
    constructor(private readonly cb: IntersectionObserverCallback) {}
    observe(e: Element) { callbacks.set(e, this.cb); }
    unobserve(e: Element) { callbacks.delete(e); }
    disconnect() { for (const [e, cb] of callbacks) if (cb === this.cb) callbacks.delete(e); }
    takeRecords() { return []; }
  }
  vi.stubGlobal('IntersectionObserver', Fake);
  return (e: Element, ratio = 1) => {
    callbacks.get(e)?.([{ target: e, isIntersecting: ratio > 0, intersectionRatio: ratio } as unknown as IntersectionObserverEntry], {} as IntersectionObserver);
  };
}
