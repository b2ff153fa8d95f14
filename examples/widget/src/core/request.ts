import type { Filters, ListKind, ListQuery } from './types';

/** A request that is ready to be sent. Two equal keys ask for the same answer. */
export interface ApiRequest {
  url: string;
  init: { method: 'GET' | 'POST'; headers: Record<string, string>; body?: string };
  key: string;
}

/** joinUrl appends a path to a base that may end in slashes or be relative. */
export function joinUrl(base: string, path: string): string {
  return base.replace(/\/+$/, '') + '/' + path;
}

export function authHeaders(apiKey: string | undefined): Record<string, string> {
  return apiKey ? { 'X-API-Key': apiKey } : {};
}

/** What a query shows: of a visitor about whom nothing is known, and with fallback, what is popular. */
export function listKind(q: Omit<ListQuery, 'apiUrl' | 'count' | 'explain'>): ListKind {
  if (q.list && q.list !== 'recommend') return q.list;
  if (!q.list && q.itemId) return 'similar-items';
  return q.fallback && !q.userId && !q.sessionItems?.length ? 'popular' : 'recommend';
}

/** Whether there is enough to ask for: a list of one customer needs the customer. */
export function isAskable(q: ListQuery): boolean {
  const session = (q.sessionItems?.length ?? 0) > 0;
  switch (listKind(q)) {
    case 'recommend':
      return Boolean(q.userId) || session;
    case 'similar-items':
      return Boolean(q.itemId);
    case 'bought-together':
      return Boolean(q.itemId) || session;
    default:
      return true;
  }
}

/**
 * Plain lists are GETs, so that browser and proxies may cache them. A session or a filter goes
 * in the body of a POST: it can be long, and ids may contain the comma that query strings split at.
 */
export function listRequest(q: ListQuery): ApiRequest {
  const kind = listKind(q);
  const filtered = hasFilters(q.filters);
  if (kind === 'recommend' && (filtered || q.sessionItems?.length)) return post(q);

  const params = new URLSearchParams();
  if (kind === 'recommend') {
    params.set('user_id', q.userId!);
    if (q.fallback) params.set('fallback', 'true');
    if (q.explain) params.set('explain', 'true');
  }
  if (kind === 'similar-items') params.set('item_id', q.itemId!);
  if (kind === 'bought-together') {
    for (const id of q.itemId ? [q.itemId] : q.sessionItems!) params.append('item_id', id);
  }
  params.set('k', String(q.count));
  if (filtered) filterParams(q.filters!, params);
  return withKey(q, { method: 'GET', headers: authHeaders(q.apiKey) }, joinUrl(q.apiUrl, `${kind}?${params}`));
}

function post(q: ListQuery): ApiRequest {
  const body = {
    ...(q.userId ? { user_id: q.userId } : {}),
    ...(q.sessionItems?.length ? { session: q.sessionItems } : {}),
    ...(hasFilters(q.filters) ? { filter: filterBody(q.filters!) } : {}),
    k: q.count,
    fallback: q.fallback,
    explain: q.explain,
  };
  const headers = { 'Content-Type': 'application/json', ...authHeaders(q.apiKey) };
  return withKey(q, { method: 'POST', headers, body: JSON.stringify(body) }, joinUrl(q.apiUrl, 'recommend'));
}

function withKey(q: ListQuery, init: ApiRequest['init'], url: string): ApiRequest {
  return { url, init, key: [init.method, url, init.body ?? '', q.apiKey ?? ''].join('\n') };
}

export function hasFilters(f: Filters | undefined): boolean {
  if (!f) return false;
  return Object.values(f).some((v) =>
    typeof v === 'number' ? true : Array.isArray(v) ? v.length > 0 : v != null && Object.keys(v).length > 0,
  );
}

function filterBody(f: Filters) {
  return {
    ...(f.categories?.length ? { categories: f.categories } : {}),
    ...(f.brands?.length ? { brands: f.brands } : {}),
    ...(f.minPrice != null ? { min_price: f.minPrice } : {}),
    ...(f.maxPrice != null ? { max_price: f.maxPrice } : {}),
    ...(f.includeItems?.length ? { include_items: f.includeItems } : {}),
    ...(f.excludeItems?.length ? { exclude_items: f.excludeItems } : {}),
    ...(f.attributes && Object.keys(f.attributes).length ? { attributes: f.attributes } : {}),
  };
}

function filterParams(f: Filters, params: URLSearchParams): void {
  const { attributes, ...plain } = filterBody(f);
  for (const [name, value] of Object.entries(plain)) {
    for (const v of Array.isArray(value) ? value : [value]) params.append(name, String(v));
  }
  for (const [name, values] of Object.entries(attributes ?? {})) {
    for (const v of values) params.append(`attr.${name}`, v);
  }
}
