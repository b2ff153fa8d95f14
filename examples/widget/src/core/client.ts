import { ApiError, fromResponse } from './errors';
import { listRequest, type ApiRequest } from './request';
import type { ListQuery, Recommendation } from './types';

export interface ClientOptions {
  /** Milliseconds before a request is given up; 10 000 unless set. */
  timeout?: number;
  /** Milliseconds for which an answer is repeated; 60 000 unless set, 0 never repeats. */
  cacheFor?: number;
  /** Answers kept; the oldest goes first. 50 unless set. */
  cacheSize?: number;
}

interface InFlight {
  promise: Promise<Recommendation[]>;
  controller: AbortController;
  waiting: number;
}

/**
 * Client asks the API for lists. Carousels that ask for the same share one request, which is
 * aborted when nobody waits for it any more; answers are repeated for a short time.
 */
export class Client {
  private readonly timeout: number;
  private readonly cacheFor: number;
  private readonly cacheSize: number;
  private readonly answers = new Map<string, { items: Recommendation[]; at: number }>();
  private readonly inFlight = new Map<string, InFlight>();

  constructor(o: ClientOptions = {}) {
    this.timeout = o.timeout ?? 10_000;
    this.cacheFor = o.cacheFor ?? 60_000;
    this.cacheSize = o.cacheSize ?? 50;
  }

  /** fetchList returns the items of a query. An aborted signal rejects with its reason. */
  async fetchList(q: ListQuery, signal?: AbortSignal): Promise<Recommendation[]> {
    signal?.throwIfAborted();
    const request = listRequest(q);
    const known = this.answers.get(request.key);
    if (known && Date.now() - known.at < this.cacheFor) return known.items;

    const flight = this.inFlight.get(request.key) ?? this.start(request);
    flight.waiting++;
    return new Promise<Recommendation[]>((resolve, reject) => {
      const leave = () => {
        if (--flight.waiting === 0) {
          // Out of the map at once: whoever asks next must not join a request that is ending.
          if (this.inFlight.get(request.key) === flight) this.inFlight.delete(request.key);
          flight.controller.abort();
        }
        reject(signal!.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
      flight.promise.then(resolve, reject).finally(() => signal?.removeEventListener('abort', leave));
    });
  }

  /** forget drops all answers, so that the next lists are fresh: after a purchase, say. */
  forget(): void {
    this.answers.clear();
  }

  private start(request: ApiRequest): InFlight {
    const controller = new AbortController();
    const promise = this.send(request, controller).finally(() => {
      if (this.inFlight.get(request.key)?.controller === controller) this.inFlight.delete(request.key);
    });
    const flight = { promise, controller, waiting: 0 };
    this.inFlight.set(request.key, flight);
    return flight;
  }

  private async send(request: ApiRequest, controller: AbortController): Promise<Recommendation[]> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      controller.abort();
    }, this.timeout);
    try {
      const response = await fetch(request.url, { ...request.init, signal: controller.signal });
      if (!response.ok) throw await fromResponse(response);
      const items = itemsOf(await response.json());
      this.remember(request.key, items);
      return items;
    } catch (error) {
      if (error instanceof ApiError) throw error;
      if (late) throw new ApiError(`no answer within ${this.timeout} ms`, 0);
      throw new ApiError(error instanceof Error ? error.message : String(error), 0);
    } finally {
      clearTimeout(timer);
    }
  }

  private remember(key: string, items: Recommendation[]): void {
    if (this.cacheFor <= 0) return;
    this.answers.delete(key);
    this.answers.set(key, { items, at: Date.now() });
    for (const oldest of this.answers.keys()) {
      if (this.answers.size <= this.cacheSize) break;
      this.answers.delete(oldest);
    }
  }
}

/** itemsOf finds the list in an answer of any of the list endpoints. */
function itemsOf(body: unknown): Recommendation[] {
  const b = body as Record<string, unknown> | null;
  const list = b?.recommendations ?? b?.similar_items ?? b?.items;
  if (!Array.isArray(list)) throw new ApiError('the answer holds no list of items: is apiUrl the recommendation API?', 0);
  return list.map((item) => normalise(item as Recommendation));
}

/** normalise reads the older name of the image field. */
export function normalise(item: Recommendation): Recommendation {
  return item.img_url == null && item.image_url != null ? { ...item, img_url: item.image_url } : item;
}

let shared: Client | undefined;

/** sharedClient is the one client of a page. */
export function sharedClient(): Client {
  return (shared ??= new Client());
}
