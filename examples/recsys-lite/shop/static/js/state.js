// What the visitor has chosen. Customer and model are in the address, so that a link shows the
// same shop; whoever wants to know of changes subscribes.
const address = new URLSearchParams(location.search);

export const shop = {
  kind: address.get('model') ?? '',
  customer: address.get('customer') ?? '', // empty for a guest
  basket: [],
  filters: { category: '', colour: '', material: '', maxPrice: null },
};

const subscribers = [];
export const subscribe = (f) => subscribers.push(f);

/** change merges into the state and tells what has changed. */
export function change(part) {
  Object.assign(shop, part);
  const query = new URLSearchParams();
  if (shop.customer) query.set('customer', shop.customer);
  if (shop.kind) query.set('model', shop.kind);
  history.replaceState(null, '', query.size ? `?${query}` : location.pathname);
  for (const f of subscribers) f(new Set(Object.keys(part)));
}

/** The filters as the widget, and the API, want them. */
export function widgetFilters() {
  const f = shop.filters;
  const attributes = {};
  if (f.colour) attributes.colour = [f.colour];
  if (f.material) attributes.material = [f.material];
  return {
    ...(f.category ? { categories: [f.category] } : {}),
    ...(f.maxPrice != null ? { maxPrice: f.maxPrice } : {}),
    ...(Object.keys(attributes).length ? { attributes } : {}),
  };
}

export function apiFilter() {
  const { categories, maxPrice, attributes } = widgetFilters();
  return { ...(categories && { categories }), ...(maxPrice != null && { max_price: maxPrice }), ...(attributes && { attributes }) };
}
