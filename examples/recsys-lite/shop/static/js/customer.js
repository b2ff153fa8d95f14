import { recent } from './api.js';
import { $, closable, closeButton, h, nameOf, picture } from './dom.js';
import { showProduct } from './product.js';
import { change, shop, subscribe } from './state.js';

const dialog = $('#people');
closable(dialog);

export function setUpCustomer(about) {
  $('#who').addEventListener('click', () => {
    draw(about);
    dialog.showModal();
  });
  subscribe((what) => (what.has('customer') || what.has('purchases') || what.has('kind')) && show(about));
  show(about);
}

function choose(customer) {
  dialog.close();
  $('#changes').hidden = true;
  change({ customer, basket: [] });
  scrollTo({ top: 0 });
}

function draw(about) {
  const entry = (id, letters, title, text) => h('li', {}, h('button', { type: 'button', 'aria-current': shop.customer === id && 'true', click: () => choose(id) },
    h('span', { class: 'avatar', 'aria-hidden': 'true' }, letters), h('span', {}, title, h('small', {}, text))));
  dialog.replaceChildren(closeButton(dialog), h('div', { class: 'in' },
    h('div', { class: 'people-head' }, h('h2', { id: 'people-title' }, 'Who is shopping?')),
    h('ul', { class: 'people' },
      entry('', '?', 'A guest', 'No history: fill a basket and see'),
      about.customers.map((c) => entry(c.id, c.id.slice(-2), `Customer ${c.id}`, `${c.items} different things, mostly ${c.likes.join(' and ').toLowerCase()}`))),
    h('form', { class: 'other', submit: (e) => { e.preventDefault(); const id = e.target.elements.id.value.trim(); if (id) choose(id); } },
      h('input', { name: 'id', placeholder: 'Another customer’s number', 'aria-label': 'Customer number', autocomplete: 'off' }),
      h('button', { class: 'button' }, 'Go'))));
}

let latest = 0;

async function show(about) {
  const mine = ++latest;
  const id = shop.customer;
  $('#who .avatar').textContent = id ? id.slice(-2) : '?';
  $('#who .who-name').textContent = id ? `Customer ${id}` : 'Guest';
  $('#who').setAttribute('aria-label', id ? `Customer ${id}, change` : 'Guest, choose a customer');
  let bought = [];
  if (id) {
    try {
      bought = (await recent(id, 30)).filter((b) => b.category); // without postage
    } catch {
      // A number that the shop does not know, or a guest who has only just bought.
    }
  }
  if (mine !== latest) return;
  const known = about.customers.find((c) => c.id === id);
  const [eyebrow, title, lead] = words(id, known, bought);
  $('#hero-eyebrow').textContent = eyebrow;
  $('#hero-title').textContent = title;
  $('#hero-lead').replaceChildren(...lead);
  drawHistory(bought);
  $('#collage').replaceChildren(...collage(about, bought).map((src) => h('img', { src, alt: '', width: 400, height: 400 })));
}

function words(id, known, bought) {
  if (!id) return ['Gifts, homeware and small joys', 'Come in, look around', ['You are a guest: put something in the basket, and the picks follow. Or ', h('b', {}, 'look through a customer’s eyes'), ' by the button in the corner.']];
  if (bought.length === 0) return [`Customer ${id}`, 'Hello, stranger', ['Nobody here knows this customer yet. These are the things that most people like; one purchase is enough to change that.']];
  const last = bought[0];
  const likes = known ? ` Mostly ${known.likes.join(' and ').toLowerCase()}.` : '';
  return [`Customer ${id}`, 'Good to see you again', [h('b', {}, nameOf(last)), ` was your latest find${known ? `, one of ${known.items} different things.` : '.'}${likes}`]];
}

function collage(about, bought) {
  const pictures = [...new Set(bought.map((b) => b.img_url).filter(Boolean))].slice(0, 5);
  for (const src of ['22423', '85123A', '47566', '20725', '22720', '21733'].map((id) => `/art/${id}.svg`)) {
    if (pictures.length < 5 && !pictures.includes(src)) pictures.push(src);
  }
  return pictures;
}

function drawHistory(bought) {
  const section = $('#history');
  section.hidden = bought.length === 0;
  const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
  const today = Date.now() / 1000 - 3600;
  section.replaceChildren(
    h('h2', { id: 'history-title' }, 'You bought'),
    h('ul', { class: 'history-row' }, bought.map((b) => h('li', { class: b.ts > today && 'new' },
      h('button', { type: 'button', click: () => showProduct(b) }, picture(b, 116), h('span', { class: 'name' }, nameOf(b)),
        h('time', { datetime: new Date(b.ts * 1000).toISOString() }, b.ts > today ? 'Just now' : day.format(b.ts * 1000)))))));
}
