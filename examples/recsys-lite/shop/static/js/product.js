import { base, item as fetchItem, recommend } from './api.js';
import { $, closable, closeButton, h, money, nameOf, picture } from './dom.js';
import { addToBasket, buy } from './basket.js';
import { shop } from './state.js';

const dialog = $('#product');
closable(dialog);

/** showProduct opens an item; one that comes from a list brings its explanation along. */
export async function showProduct(given) {
  let item;
  try {
    item = { ...(await fetchItem(given.item_id)), ...pick(given, 'explanation', 'contributions', 'source', 'score') };
  } catch {
    item = given;
  }
  const similar = h('recsys-carousel', {
    'api-url': base(), 'item-id': item.item_id, 'title-text': 'Similar things', count: '12', currency: 'GBP', locale: 'en-GB',
  });
  const together = h('recsys-carousel', {
    'api-url': base(), 'item-id': item.item_id, list: 'bought-together', 'title-text': 'Bought together with this', count: '8', currency: 'GBP', locale: 'en-GB',
  });
  for (const list of [similar, together]) {
    list.addEventListener('recsys-click', (e) => showProduct(e.detail.item));
    // A model may know no similar items, and nobody may have bought it with anything.
    list.addEventListener('recsys-error', () => (list.hidden = true));
    list.labels = { empty: 'Too few customers bought this together with anything else to tell.' };
  }
  const facts = [item.category, ...Object.entries(item.attributes ?? {}).map(([name, value]) => `${capital(name)}: ${value}`)].filter(Boolean);
  dialog.replaceChildren(
    closeButton(dialog),
    h('div', { class: 'in' },
      h('div', { class: 'product' },
        picture(item, 400),
        h('div', {},
          h('h2', { id: 'product-title' }, nameOf(item)),
          h('p', { class: 'cost' }, money(item.price)),
          h('ul', { class: 'facts' }, facts.map((f) => h('li', {}, f))),
          h('div', { class: 'actions' },
            h('button', { type: 'button', class: 'button', click: () => { addToBasket(item); dialog.close(); } }, 'Add to basket'),
            h('button', { type: 'button', class: 'button plain', click: () => { dialog.close(); void buy([item]); } }, 'Buy now')),
          why(item))),
      h('div', { class: 'more' }, together, similar)));
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  if (!given.contributions && shop.customer) void explain(item);
}

// An item that was not opened from a ranking is explained by asking where it would stand.
async function explain(item) {
  try {
    const { items: [found] } = await recommend({ k: 1, filter: { include_items: [item.item_id] }, seen: 'allow' });
    if (found?.item_id === item.item_id && dialog.open) dialog.querySelector('.why')?.replaceWith(why({ ...item, ...pick(found, 'explanation', 'contributions', 'source') }));
  } catch {
    // Without an explanation the product is still a product.
  }
}

function why(item) {
  const parts = (item.contributions ?? []).filter((c) => c.score > 0).slice(0, 5);
  const section = h('section', { class: 'why', hidden: !item.explanation && parts.length === 0 }, h('h3', {}, 'Why you see this'));
  if (item.explanation) section.append(h('p', {}, item.explanation));
  if (parts.length > 0) {
    const sum = item.contributions.reduce((s, c) => s + Math.max(0, c.score), 0);
    section.append(h('ul', {}, parts.map((c) => {
      const fill = h('i');
      fill.style.width = `${(100 * c.score) / parts[0].score}%`;
      return h('li', {}, h('span', { title: nameOf(c) }, nameOf(c)), h('span', { class: 'bar', 'aria-hidden': 'true' }, fill), h('span', {}, `${Math.round((100 * c.score) / sum)} %`));
    })));
  }
  return section;
}

const pick = (o, ...names) => Object.fromEntries(names.filter((n) => o[n] != null).map((n) => [n, o[n]]));
const capital = (s) => s[0].toUpperCase() + s.slice(1);
