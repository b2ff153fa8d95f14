import { normalise, type Client } from './client';
import { ApiError } from './errors';
import { isAskable, listRequest } from './request';
import type { FetchItemDetails, ItemDetails, ListQuery, Recommendation } from './types';

/** What a carousel shows. While loading, items are those of the same list before, if any. */
export interface ListState {
  status: 'loading' | 'ready' | 'empty' | 'error';
  items: Recommendation[];
  error?: Error;
}

const loading: ListState = { status: 'loading', items: [] };

/**
 * List loads one list and tells its subscribers; it is an external store in React's sense.
 * Only the latest call of load or show decides the state.
 */
export class List {
  private state: ListState = loading;
  private readonly subscribers = new Set<() => void>();
  private controller: AbortController | undefined;
  private last: { query: ListQuery; details: FetchItemDetails | undefined } | undefined;

  constructor(private readonly client: Client) {}

  subscribe = (notify: () => void): (() => void) => {
    this.subscribers.add(notify);
    return () => this.subscribers.delete(notify);
  };

  snapshot = (): ListState => this.state;

  /** load asks the API, and then details for more about each item. */
  async load(query: ListQuery, details?: FetchItemDetails): Promise<void> {
    this.stop();
    if (!isAskable(query)) {
      this.last = undefined;
      return this.set({ status: 'empty', items: [] });
    }
    const controller = (this.controller = new AbortController());
    // Another customer's items must not stay on the screen; the same list may, until it is refreshed.
    const same = this.last && this.last.query.userId === query.userId && this.last.query.itemId === query.itemId;
    this.last = { query, details };
    this.set({ status: 'loading', items: same ? this.state.items : [] });
    try {
      let items = await this.client.fetchList(query, controller.signal);
      if (details && items.length > 0) items = await merged(items, details);
      if (controller.signal.aborted) return;
      this.set({ status: items.length > 0 ? 'ready' : 'empty', items });
    } catch (error) {
      if (controller.signal.aborted) return;
      this.set({ status: 'error', items: [], error: error instanceof Error ? error : new ApiError(String(error), 0) });
    }
  }

  /** show shows items without asking the API. */
  show(items: Recommendation[]): void {
    this.stop();
    this.last = undefined;
    this.set({ status: items.length > 0 ? 'ready' : 'empty', items: items.map(normalise) });
  }

  /** retry repeats the last load. */
  retry(): void {
    if (this.last) void this.load(this.last.query, this.last.details);
  }

  /** stop aborts what is under way; the state stays. */
  stop(): void {
    this.controller?.abort();
    this.controller = undefined;
  }

  private set(state: ListState): void {
    this.state = state;
    for (const notify of this.subscribers) notify();
  }
}

/** queryKey is equal for queries that ask for the same. */
export function queryKey(q: ListQuery): string {
  return isAskable(q) ? listRequest(q).key : '';
}

/** merged lays details over items. A shop's detail service that fails costs details, not the list. */
async function merged(items: Recommendation[], details: FetchItemDetails): Promise<Recommendation[]> {
  let found: ItemDetails;
  try {
    found = await details(items.map((i) => i.item_id));
  } catch (error) {
    console.warn('recsys-lite-widget: fetchItemDetails failed, items are shown without its details:', error);
    return items;
  }
  const byId = new Map(
    Array.isArray(found)
      ? found.map((d) => [d.item_id ?? d.id ?? '', d] as const)
      : Object.entries(found ?? {}),
  );
  return items.map((item) => normalise({ ...item, ...byId.get(item.item_id), item_id: item.item_id }));
}
