import { shop } from './state.js';

// base is where the API of the chosen model is mounted.
export const base = () => `/models/${shop.kind}`;

async function ask(path, init) {
  const response = await fetch(base() + path, init);
  const body = await response.json();
  if (!response.ok) throw Object.assign(new Error(body.detail ?? response.statusText), { status: response.status });
  return body;
}

const post = (path, body) =>
  ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

/**
 * The ranking for whoever is looking, with its explanations: of a customer, of a guest's basket,
 * or what is popular.
 */
export async function recommend({ k, filter = {}, seen, explain = true, customer = shop.customer }) {
  const session = customer ? [] : shop.basket.map((i) => i.item_id);
  if (customer || session.length > 0) {
    const who = customer ? { user_id: customer } : { session };
    const body = await post('/recommend', { ...who, k, filter, fallback: true, explain, ...(seen && { seen }) });
    return { items: body.recommendations, matching: body.filter_info.filtered_count };
  }
  const { attributes = {}, ...plain } = filter;
  const query = new URLSearchParams({ page: 1, page_size: k }); // a page knows how many there are
  for (const [name, value] of [...Object.entries(plain), ...Object.entries(attributes).map(([n, v]) => [`attr.${n}`, v])]) {
    for (const v of [value].flat()) query.append(name, v);
  }
  const body = await ask(`/popular?${query}`);
  return { items: body.items, matching: body.pagination.total };
}

export const recent = (user, k) => ask(`/recent?${new URLSearchParams({ user_id: user, k })}`).then((b) => b.items);
export const item = (id) => ask(`/items/${encodeURIComponent(id)}`);
export const search = (q) => ask(`/items?${new URLSearchParams({ q, k: 7 })}`).then((b) => b.items);
export const together = (ids, k) => ask(`/bought-together?${new URLSearchParams([...ids.map((id) => ['item_id', id]), ['k', k]])}`).then((b) => b.items);

export function record(user, items, type) {
  return post('/events', { events: items.map((i) => ({ user_id: user, item_id: i.item_id, qty: i.qty ?? 1, event_type: type })) });
}
