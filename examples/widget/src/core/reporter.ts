import { authHeaders, joinUrl } from './request';
import type { ShopEvent } from './types';

export interface ReporterOptions {
  apiUrl: string;
  apiKey?: string | undefined;
  /** Milliseconds that an event may wait for company; 2 000 unless set. */
  wait?: number;
  /** Events that are sent without waiting; 20 unless set. */
  batch?: number;
}

const maxQueue = 500; // a page that cannot reach the API must not grow
const maxAttempts = 4;

/**
 * Reporter sends events to POST /events in batches: after a short wait, when there are many,
 * and when the page is left. What the server could not take is tried again; what it refused is not.
 */
export class Reporter {
  private queue: ShopEvent[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private readonly url: string;
  private readonly wait: number;
  private readonly batch: number;
  private readonly apiKey: string | undefined;

  constructor(o: ReporterOptions) {
    this.url = joinUrl(o.apiUrl, 'events');
    this.apiKey = o.apiKey;
    this.wait = o.wait ?? 2_000;
    this.batch = o.batch ?? 20;
    if (typeof document !== 'undefined') {
      document.addEventListener('visibilitychange', this.leave);
      window.addEventListener('pagehide', this.leave);
    }
  }

  /** report queues an event; urgent ones (a click that leaves the page) go at once. */
  report(event: ShopEvent, urgent = false): void {
    this.queue.push({ ts: Math.floor(Date.now() / 1000), ...event });
    if (this.queue.length > maxQueue) this.queue.splice(0, this.queue.length - maxQueue);
    if (urgent || this.queue.length >= this.batch) void this.flush();
    else this.timer ??= setTimeout(() => void this.flush(), this.wait);
  }

  /** flush sends what is queued; it never rejects. */
  async flush(): Promise<void> {
    const events = this.take();
    if (events.length === 0) return;
    let again = false;
    try {
      const response = await fetch(this.url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...authHeaders(this.apiKey) },
        body: JSON.stringify({ events }),
        keepalive: true, // outlives the page
      });
      again = response.status === 429 || response.status >= 500;
    } catch {
      again = true;
    }
    if (!again) {
      this.attempts = 0;
      return;
    }
    if (++this.attempts >= maxAttempts) return; // given up: events are worth less than the shop's bandwidth
    this.queue = [...events, ...this.queue].slice(-maxQueue);
    this.timer ??= setTimeout(() => void this.flush(), this.wait * 2 ** this.attempts);
  }

  /** dispose sends the rest and lets go of the page. */
  dispose(): void {
    if (typeof document !== 'undefined') {
      document.removeEventListener('visibilitychange', this.leave);
      window.removeEventListener('pagehide', this.leave);
    }
    void this.flush();
  }

  private take(): ShopEvent[] {
    clearTimeout(this.timer);
    this.timer = undefined;
    const events = this.queue;
    this.queue = [];
    return events;
  }

  private leave = (): void => {
    if (document.visibilityState !== 'hidden' || this.queue.length === 0) return;
    // A beacon cannot carry a key's header; fetch with keepalive can, and is as durable.
    if (!this.apiKey && typeof navigator.sendBeacon === 'function') {
      const events = this.take();
      const body = new Blob([JSON.stringify({ events })], { type: 'application/json' });
      if (navigator.sendBeacon(this.url, body)) return;
      this.queue = events;
    }
    void this.flush();
  };
}

const reporters = new Map<string, { reporter: Reporter; users: number }>();

/** acquireReporter shares one reporter among all carousels of a page that report to one API. */
export function acquireReporter(o: ReporterOptions): { reporter: Reporter; release: () => void } {
  const key = `${o.apiUrl}\n${o.apiKey ?? ''}`;
  let entry = reporters.get(key);
  if (!entry) reporters.set(key, (entry = { reporter: new Reporter(o), users: 0 }));
  const { reporter } = entry;
  entry.users++;
  let released = false;
  return {
    reporter,
    release: () => {
      if (released || --entry.users > 0) return;
      released = true;
      reporters.delete(key);
      reporter.dispose();
    },
  };
}
