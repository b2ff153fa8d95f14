'use strict';
// Polls /metrics (Prometheus text), /health, /health/worker, /models and /health/data beside
// this page.
const every = 2000;
const slow = 10; // polls between looks at what changes rarely
const kept = 90; // samples in a sparkline
const $ = (id) => document.getElementById(id);

function h(tag, attributes, ...children) {
  const svg = ['svg', 'path'].includes(tag);
  const e = svg ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
  for (const [k, v] of Object.entries(attributes ?? {})) if (v !== null && v !== false) e.setAttribute(k, v);
  e.append(...children.flat().filter((c) => c !== null && c !== false && c !== undefined));
  return e;
}

const number = (v, digits = 0) => (Number.isFinite(v) ? v.toLocaleString('en', { maximumFractionDigits: digits }) : '–');
const percent = (v) => (Number.isFinite(v) ? `${(100 * v).toFixed(v > 0 && v < 0.1 ? 1 : 0)} %` : '–');
const millis = (s) => (Number.isFinite(s) ? `${(1000 * s).toLocaleString('en', { maximumSignificantDigits: 2 })} ms` : '–');
function age(s) {
  if (!Number.isFinite(s)) return '–';
  for (const [unit, n] of [['d', 86400], ['h', 3600], ['min', 60]]) if (s >= n) return `${number(s / n, s < 10 * n ? 1 : 0)} ${unit}`;
  return `${number(s)} s`;
}

/** parse reads the text format into [{name, labels, value}]. */
function parse(text) {
  const out = [];
  for (const line of text.split('\n')) {
    const m = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!m) continue;
    const labels = {};
    for (const l of (m[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) labels[l[1]] = l[2].replace(/\\(.)/g, '$1');
    out.push({ name: m[1], labels, value: m[3] === '+Inf' ? Infinity : Number(m[3]) });
  }
  return out;
}

class Sample {
  constructor(rows, at) {
    this.at = at;
    this.rows = rows;
    this.plain = new Map(rows.filter((r) => Object.keys(r.labels).length === 0).map((r) => [r.name, r.value]));
    this.routes = new Map();
    for (const r of rows) {
      if (!r.name.startsWith('recsys_request_duration_seconds_')) continue;
      let of = this.routes.get(r.labels.route);
      if (!of) this.routes.set(r.labels.route, (of = { buckets: new Map(), count: 0, failed: 0 }));
      if (r.name.endsWith('_bucket')) {
        const le = r.labels.le === '+Inf' ? Infinity : Number(r.labels.le);
        of.buckets.set(le, (of.buckets.get(le) ?? 0) + r.value);
      } else if (r.name.endsWith('_count')) {
        of.count += r.value;
        if (r.labels.status >= '500') of.failed += r.value;
      }
    }
  }
  get(name) {
    return this.plain.get(name) ?? NaN;
  }
  by(name, label) {
    return new Map(this.rows.filter((r) => r.name === name).map((r) => [r.labels[label], r.value]));
  }
}

/** quantile interpolates within the bucket, as Prometheus does. */
function quantile(q, buckets) {
  const all = [...buckets].sort((a, b) => a[0] - b[0]);
  const total = all.at(-1)?.[1] ?? 0;
  if (total <= 0) return NaN;
  let lower = 0, below = 0;
  for (const [le, n] of all) {
    if (n >= q * total) return le === Infinity ? lower : lower + (le - lower) * ((q * total - below) / Math.max(n - below, 1));
    lower = le;
    below = n;
  }
  return lower;
}

function difference(now, before) {
  const out = new Map();
  for (const [le, n] of now) out.set(le, n - (before?.get(le) ?? 0));
  return out;
}

// What people ask for counts as traffic; probes and this page do not.
const own = /^GET \/(metrics|health|models|dashboard|ready|docs|openapi)|^none$/;
function traffic(s) {
  const buckets = new Map();
  let count = 0;
  for (const [route, of] of s.routes) {
    if (own.test(route)) continue;
    count += of.count;
    for (const [le, n] of of.buckets) buckets.set(le, (buckets.get(le) ?? 0) + n);
  }
  return { count, buckets };
}

const series = {};
function spark(name, value) {
  const all = (series[name] ??= []);
  all.push(Number.isFinite(value) ? value : null);
  if (all.length > kept) all.shift();
  const top = Math.max(...all.map((v) => v ?? 0), 1e-9);
  const x = (i) => (100 * (i + kept - all.length)) / (kept - 1);
  let line = '', area = '', pen = false, first = 0, last = 0;
  all.forEach((v, i) => {
    if (v === null) return void (pen = false);
    const point = `${x(i).toFixed(2)},${(42 - (38 * v) / top).toFixed(2)}`;
    if (!pen && !line) first = x(i);
    line += `${pen ? 'L' : 'M'}${point}`;
    area += `${area ? 'L' : 'M'}${point}`;
    pen = true;
    last = x(i);
  });
  return h('svg', { viewBox: '0 0 100 44', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    area && h('path', { class: 'area', d: `${area}L${last},44L${first},44Z` }), line && h('path', { class: 'stroke', d: line }));
}

const tile = (title, value, unit, series, now) => h('section', { class: 'tile' }, h('h2', {}, title), h('b', {}, value, unit && h('small', {}, ` ${unit}`)), series && spark(series, now));
const table = (id, head, rows) => $(id).replaceChildren(h('thead', {}, h('tr', {}, head.map((t) => h('th', {}, t)))), h('tbody', {}, rows.map((r) => h('tr', {}, r.map((c) => h('td', {}, c))))));
function share(name, part, whole, low) {
  const fill = h('i');
  fill.style.width = `${whole > 0 ? (100 * part) / whole : 0}%`;
  return [h('dt', {}, name), h('div', { class: whole > 0 && part / whole < low ? 'bar low' : 'bar', 'aria-hidden': 'true' }, fill), h('dd', {}, `${number(part)} of ${number(whole)}`)];
}

let before, first;
function showMetrics(now) {
  first ??= now;
  const seconds = before ? (now.at - before.at) / 1000 : NaN;
  const rate = (name) => Math.max(0, now.get(name) - before?.get(name)) / seconds;
  const all = traffic(now), old = before && traffic(before);
  const recent = difference(all.buckets, old?.buckets);
  const perSecond = old ? Math.max(0, all.count - old.count) / seconds : NaN;
  const p50 = quantile(0.5, recent), p95 = quantile(0.95, recent);
  const hits = sum(now, 'recsys_cache_hits_total') - sum(before, 'recsys_cache_hits_total');
  const misses = sum(now, 'recsys_cache_misses_total') - sum(before, 'recsys_cache_misses_total');
  $('tiles').replaceChildren(
    tile('Requests', number(perSecond, 1), '/ s', 'requests', perSecond),
    tile('Latency, median', millis(p50), '', 'p50', p50),
    tile('Latency, 95th pct.', millis(p95), '', 'p95', p95),
    tile('Items shown', number(rate('recsys_recommendations_total'), 0), '/ s', 'items', rate('recsys_recommendations_total')),
    tile('Cache hits', percent(now.get('recsys_cache_hit_ratio')), '', 'hits', hits + misses > 0 ? hits / (hits + misses) : NaN),
    tile('Events accepted', number(now.get('recsys_events_total')), '', 'events', rate('recsys_events_total')),
    tile('Failures', number(now.get('recsys_errors_total')), '', 'errors', rate('recsys_errors_total')));

  const routes = [...now.routes].filter(([r]) => r !== 'none').sort((a, b) => b[1].count - a[1].count);
  table('routes', ['endpoint', 'requests', 'p50', 'p95', 'p99', 'failed'], routes.map(([route, of]) => [
    h('code', {}, route), number(of.count), ...[0.5, 0.95, 0.99].map((q) => millis(quantile(q, of.buckets))), number(of.failed)]));

  const size = now.by('recsys_cache_size', 'cache'), missed = now.by('recsys_cache_misses_total', 'cache');
  table('caches', ['cache', 'answers', 'hits', 'misses', 'hit rate'], [...now.by('recsys_cache_hits_total', 'cache')].map(([name, n]) => {
    const m = missed.get(name) ?? 0;
    return [name, number(size.get(name)), number(n), number(m), percent(n + m > 0 ? n / (n + m) : NaN)];
  }));
  $('limits').textContent = `${number(now.get('recsys_degraded_total'))} rankings cut short by the deadline, ${number(now.get('recsys_rate_limited_total'))} requests refused by rate limits.`;
  const accepted = now.get('recsys_events_total') - first.get('recsys_events_total');
  $('updates').textContent = `The model is ${age(now.get('recsys_model_age_seconds'))} old. ${number(accepted)} events came in since this page was opened; answers know of them at once, the model when the worker brings a new version.`;
  before = now;
}

const sum = (s, name) => (s ? s.rows.reduce((t, r) => (r.name === name ? t + r.value : t), 0) : NaN);

function showHealth(health) {
  $('about').textContent = `${health.version} · ${health.model_type || 'no model'} ${health.model_version} · up ${age(health.uptime_seconds)}`;
  const ok = health.status === 'ok';
  $('state').className = ok ? 'ok' : 'bad';
  $('state').textContent = ok ? 'serving' : health.status;
}

function showModels({ models }) {
  table('models', ['version', 'fitted', 'interactions', 'nDCG@10', 'gate'], models.slice(0, 8).map((m) => [
    [h('code', {}, m.version), m.serving && ' ', m.serving && h('span', { class: 'badge' }, 'serving')],
    new Date(m.created).toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }),
    number(m.interactions), m.metrics?.['ndcg@10']?.toFixed(4) ?? '–',
    m.promotion ? h('span', { title: m.promotion.reason }, m.promotion.promoted ? 'promoted' : 'refused') : '–']));
  const serving = models.find((m) => m.serving) ?? models[0];
  const shown = ['ndcg@10', 'recall@10', 'hr@10', 'mrr@10', 'map@10', 'coverage@10', 'diversity@10', 'novelty@10', 'gini@10'].filter((n) => Number.isFinite(serving?.metrics?.[n]));
  $('metrics').replaceChildren(...(shown.length === 0
    ? [h('dt', {}, 'This version was not measured when it was trained (train --test-size).')]
    : shown.flatMap((n) => {
        const v = serving.metrics[n], fill = h('i');
        fill.style.width = `${100 * Math.min(1, v)}%`;
        return [h('dt', {}, n), n.startsWith('novelty') ? h('span') : h('div', { class: 'bar', 'aria-hidden': 'true' }, fill), h('dd', {}, v.toFixed(4))];
      })));
}

function showData(d) {
  $('data').replaceChildren(...[
    share('Items available', d.available, d.items, 0.5),
    share('… with a title', d.with_title, d.available, 0.98),
    share('… with a price', d.with_price, d.available, 0.95),
    share('… with a picture', d.with_image, d.available, 0.9),
    share('… with a category', d.with_category, d.available, 0.9),
    share('… that somebody has', d.available - d.never_had, d.available, 0.7),
    share('Users with three items or more', d.users - d.light_users, d.users, 0.5),
  ].flat(), h('dt', {}, 'Interactions'), h('span'), h('dd', {}, `${number(d.interactions)}, ${(d.interactions / Math.max(d.users, 1)).toFixed(1)} per user`));
}

const several = (n, one, many) => `${number(n)} ${n === 1 ? one : many}`;
const when = (time) => new Date(time).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const since = (time) => age(Math.max(0, (Date.now() - new Date(time)) / 1000));

/** didLast says what the last tick did, or why nothing is known of one. */
function didLast(w) {
  if (w.state === 'none') return 'No worker has run here.';
  if (w.state === 'unreadable') return `How the worker fares cannot be read: ${w.error}`;
  const took = w.took_ms < 100 ? `${number(w.took_ms)} ms` : age1(w.took_ms / 1000);
  const ran = `ran ${w.age_s < 1 ? 'just now' : `${age(w.age_s)} ago`}, took ${took}`;
  if (w.state === 'failed') return `Failed: ${ran}: ${w.error}`;
  const did = [w.events && several(w.events, 'event', 'events'), w.users && `${several(w.users, 'user', 'users')} refitted`,
    w.new_items && several(w.new_items, 'new item', 'new items'), w.version && `published ${w.version}`].filter(Boolean);
  const text = `${ran}, ${did.join(', ') || 'nothing new'}`;
  return w.state === 'late' ? `Late: it should run every ${age1(w.interval_s)}, but ${text}` : text[0].toUpperCase() + text.slice(1);
}
const age1 = (s) => (s < 60 ? `${number(s, 1)} s` : age(s));

function showWorker(w) {
  $('worker').hidden = false;
  $('ran').className = ['failed', 'late', 'unreadable'].includes(w.state) ? 'bad' : w.state === 'none' ? 'soft' : '';
  $('ran').textContent = didLast(w);
  const known = !['none', 'unreadable'].includes(w.state);
  const decided = (r) => (r.error ? `failed: ${r.error}` : `${r.promoted ? 'promoted' : 'refused'} ${r.version}: ${r.reason}`);
  $('work').replaceChildren(...(known ? [
    ['Runs', w.interval_s > 0 ? `every ${age1(w.interval_s)}` : 'when it is called'],
    w.published && ['Last published', `${w.published.version}, ${since(w.published.at)} ago`],
    w.next_retrain && ['Next retraining', when(w.next_retrain)],
    w.retrain && ['Last retraining', `${when(w.retrain.at)}, ${decided(w.retrain)}`],
  ].filter(Boolean).flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]) : []));
  const q = known && w.quarantined;
  $('quarantined').textContent = q ? `${several(q.files, 'file', 'files')} in quarantine, the last ${since(q.at)} ago: ${q.file}: ${q.reason}` : '';
}

async function ask(path, accept = 'application/json') {
  const r = await fetch(path, { headers: { Accept: accept }, cache: 'no-store' });
  if (!r.ok && r.status !== 503) throw new Error(`${path}: ${r.status}`);
  return accept === 'application/json' ? r.json() : r.text();
}

let turn = 0;
async function poll() {
  try {
    const rare = turn++ % slow === 0;
    const [text, health, worker] = await Promise.all([ask('metrics', 'text/plain'), ask('health'), ask('health/worker')]);
    showMetrics(new Sample(parse(text), performance.now()));
    showHealth(health);
    showWorker(worker);
    // A server without versions, or without a model, has nothing to say here.
    if (rare && health.status === 'ok') {
      const [data, models] = await Promise.allSettled([ask('health/data'), ask('models')]);
      if (data.status === 'fulfilled') showData(data.value);
      if (models.status === 'fulfilled') showModels(models.value);
    }
  } catch (error) {
    $('state').className = 'bad';
    $('state').textContent = error.message;
  }
  setTimeout(poll, every);
}
poll();
