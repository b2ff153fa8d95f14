import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { normalise, sharedClient } from '../core/client';
import { List, queryKey, type ListState } from '../core/list';
import { isAskable } from '../core/request';
import type { FetchItemDetails, ListQuery, Recommendation } from '../core/types';

const loading: ListState = { status: 'loading', items: [] };
const empty: ListState = { status: 'empty', items: [] };

/** useList keeps the list of a query, or shows items that are given instead of asking. */
export function useList(
  query: ListQuery,
  given: Recommendation[] | undefined,
  details: FetchItemDetails | undefined,
): { state: ListState; retry: () => void } {
  const list = useMemo(() => new List(sharedClient()), []);
  const askable = isAskable(query);
  const state = useSyncExternalStore(list.subscribe, list.snapshot, () => loading);

  // Filters and callbacks are usually written inline, new at every render: what counts is
  // whether they ask for something else.
  const key = queryKey(query);
  const latest = useRef({ query, details });
  latest.current = { query, details };

  const bypass = given !== undefined;
  useEffect(() => {
    if (bypass) return list.stop();
    void list.load(latest.current.query, latest.current.details);
    return () => list.stop();
  }, [list, key, bypass]);

  const shown = useMemo<ListState | undefined>(
    () => given && { status: given.length > 0 ? 'ready' : 'empty', items: given.map(normalise) },
    [given],
  );
  return { state: shown ?? (askable ? state : empty), retry: () => list.retry() };
}
