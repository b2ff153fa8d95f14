import { recommend } from './api.js';
import { $, h, money } from './dom.js';
import { apiFilter, change, shop, subscribe } from './state.js';

const inks = {
  red: '#c8443a', pink: '#e58aa2', blue: '#4a7fb5', turquoise: '#3fa7a0', green: '#6a9a58', white: '#fff', cream: '#f3e6c8', black: '#2b2a2c',
  grey: '#8d99a3', silver: 'linear-gradient(135deg,#eef1f5,#a9b3c1)', gold: 'linear-gradient(135deg,#f0d68a,#b98a2c)', purple: '#8f6bb0', yellow: '#e8bd3e',
  orange: '#dd8542', brown: '#a4754c', multicolour: 'conic-gradient(#e2725b,#f2c14e,#6a9a58,#4a7fb5,#8f6bb0,#e2725b)',
};

// The slider is not linear: most things cost a few pounds.
const steps = [0.5, 1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 20, 30, 50, null];

export function setUpFilters(about) {
  const set = (part) => change({ filters: { ...shop.filters, ...part } });
  const toggle = (name, value) => set({ [name]: shop.filters[name] === value ? '' : value });

  $('#categories').append(
    h('button', { type: 'button', 'data-value': '', click: () => set({ category: '' }) }, 'Everything'),
    ...about.categories.map((c) => h('button', { type: 'button', 'data-value': c.value, click: () => toggle('category', c.value) }, c.value)),
  );
  for (const c of about.colours) {
    const button = h('button', { type: 'button', 'data-value': c.value, title: c.value, 'aria-label': c.value, click: () => toggle('colour', c.value) });
    button.style.setProperty('--swatch', inks[c.value] ?? '#999');
    $('#colours').append(button);
  }
  $('#material').append(h('option', { value: '' }, 'any'), ...about.materials.map((m) => h('option', { value: m.value }, m.value)));
  $('#material').addEventListener('change', (e) => set({ material: e.target.value }));
  const price = $('#price');
  price.max = String(steps.length - 1);
  price.addEventListener('input', () => showPrice());
  price.addEventListener('change', () => set({ maxPrice: steps[price.value] }));
  $('#clear').addEventListener('click', () => set({ category: '', colour: '', material: '', maxPrice: null }));

  function showPrice() {
    const limit = steps[price.value];
    $('#price-out').textContent = limit == null ? 'any price' : money(limit);
  }

  function show() {
    const f = shop.filters;
    for (const b of $('#categories').children) b.setAttribute('aria-pressed', b.dataset.value === f.category);
    for (const b of $('#colours').children) b.setAttribute('aria-pressed', b.dataset.value === f.colour);
    $('#material').value = f.material;
    price.value = String(steps.indexOf(f.maxPrice));
    showPrice();
    const any = f.category || f.colour || f.material || f.maxPrice != null;
    $('#clear').hidden = !any;
    void count(Boolean(any));
  }

  let latest = 0;
  async function count(any) {
    const mine = ++latest;
    if (!any) return void ($('#matching').textContent = '');
    try {
      const { matching } = await recommend({ k: 1, filter: apiFilter(), explain: false });
      if (mine === latest) $('#matching').textContent = `${matching.toLocaleString('en-GB')} ${matching === 1 ? 'thing matches' : 'things match'}`;
    } catch {
      if (mine === latest) $('#matching').textContent = '';
    }
  }

  subscribe((what) => (what.has('filters') || what.has('customer')) && show());
  price.value = price.max;
  show();
}
