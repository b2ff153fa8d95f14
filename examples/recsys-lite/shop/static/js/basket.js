import { recommend, record } from './api.js';
import { showChanges } from './changes.js';
import { $, closable, closeButton, h, money, nameOf, picture, toast } from './dom.js';
import { change, shop, subscribe } from './state.js';

const dialog = $('#basket');
closable(dialog);
$('#basket-open').addEventListener('click', () => {
  draw();
  dialog.showModal();
});

export function addToBasket(item) {
  if (shop.basket.some((i) => i.item_id === item.item_id)) return toast('It is in your basket already.');
  change({ basket: [...shop.basket, item] });
  toast(`${nameOf(item)} is in your basket.`);
}

/** buy sends purchases and shows what they change in the ranking. */
export async function buy(items) {
  const top = 8;
  const customer = shop.customer || `guest-${crypto.getRandomValues(new Uint32Array(1))[0].toString(16)}`;
  try {
    const before = (await recommend({ k: 40 })).items;
    const start = performance.now();
    await record(customer, items, 'purchase');
    const stored = performance.now();
    // Asked before the page changes, so that nothing else is under way and the time is the ranking's.
    const after = (await recommend({ k: 40, customer })).items;
    const ranked = performance.now() - stored;
    change({ customer, basket: shop.basket.filter((b) => !items.some((i) => i.item_id === b.item_id)), purchases: (shop.purchases ?? 0) + 1 });
    showChanges({ items, before, after, top, stored: stored - start, ranked });
  } catch (error) {
    toast(`The purchase could not be recorded: ${error.message}`);
  }
}

function draw() {
  const items = shop.basket;
  const total = items.reduce((sum, i) => sum + (i.price ?? 0), 0);
  dialog.replaceChildren(h('div', { class: 'in' },
    h('header', {}, h('h2', { id: 'basket-title' }, 'Your basket'), closeButton(dialog)),
    items.length === 0
      ? h('p', { class: 'empty' }, 'Nothing in it yet. Everything on this page can be put here; nothing will be charged.')
      : h('ul', {}, items.map((i) => h('li', {},
          picture(i, 64),
          h('div', {}, nameOf(i), h('br'), h('button', { type: 'button', click: () => { change({ basket: shop.basket.filter((b) => b !== i) }); draw(); } }, 'Remove')),
          h('span', {}, money(i.price))))),
    h('div', { class: 'total' }, h('span', {}, 'Total'), h('span', {}, money(total))),
    h('button', { type: 'button', class: 'button', disabled: items.length === 0, click: () => { dialog.close(); void buy(shop.basket); } }, 'Buy and see what changes'),
    h('p', { class: 'note' }, 'A purchase goes to POST /events. The next ranking knows of it, without training again.')));
}

subscribe((what) => {
  if (!what.has('basket')) return;
  const n = shop.basket.length;
  $('#basket-count').hidden = n === 0;
  $('#basket-count').textContent = n;
  $('#basket-open').setAttribute('aria-label', n === 0 ? 'Basket, empty' : `Basket, ${n} ${n === 1 ? 'item' : 'items'}`);
});
