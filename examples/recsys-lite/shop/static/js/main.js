import { base } from './api.js';
import './basket.js';
import { setUpCustomer } from './customer.js';
import { $, h } from './dom.js';
import { setUpFilters } from './filters.js';
import { showProduct } from './product.js';
import { setUpSearch } from './search.js';
import { change, shop, subscribe, widgetFilters } from './state.js';

const labels = { ease: 'EASE', als: 'ALS', itemknn: 'Item k-NN', sessionknn: 'Session k-NN' };

const about = await (await fetch('/shop.json')).json();
if (!about.kinds.some((k) => k.name === shop.kind)) shop.kind = about.kinds[0].name;

const picks = $('#picks');
const withBasket = $('#with-basket');
const lists = [picks, withBasket, $('#trending'), $('#popular')];

for (const list of lists) list.addEventListener('recsys-click', (e) => showProduct(e.detail.item));
picks.labels = { empty: 'Nothing matches these filters.' };
withBasket.labels = { empty: 'Nobody has bought these together with anything else yet.' };

$('#models').append(...about.kinds.map((k) => h('button', {
  type: 'button', 'data-value': k.name, title: `${k.summary}${k.ndcg ? ` (nDCG@10 ${k.ndcg.toFixed(3)} on the newest sales)` : ''}`,
  click: () => change({ kind: k.name }),
}, labels[k.name] ?? k.name)));

function set(list, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value == null || value === '') list.removeAttribute(name);
    else list.setAttribute(name, value);
  }
}

// show gives every list what it needs to know; the lists ask again only if that is something new.
function show(what) {
  for (const b of $('#models').children) b.setAttribute('aria-pressed', b.dataset.value === shop.kind);
  const filters = JSON.stringify(widgetFilters());
  const ids = shop.basket.map((i) => i.item_id);
  const personal = shop.customer || ids.length > 0;
  set(picks, {
    'api-url': base(),
    'user-id': shop.customer,
    'session-items': !shop.customer && ids.length ? JSON.stringify(ids) : null,
    'title-text': personal ? 'Picked for you' : 'A good place to start',
    explain: personal ? 'true' : null,
    filters,
  });
  set(withBasket, { 'api-url': base(), 'session-items': ids.length ? JSON.stringify(ids) : null });
  withBasket.hidden = ids.length === 0;
  $('#popular').hidden = !personal; // it is the first list already
  for (const list of lists.slice(2)) set(list, { 'api-url': base(), filters });
  if (what.has('purchases') || what.has('customer')) for (const list of lists) list.reload(true);
}

subscribe(show);
setUpFilters(about);
setUpCustomer(about);
setUpSearch();
show(new Set());
document.documentElement.dataset.ready = '';
