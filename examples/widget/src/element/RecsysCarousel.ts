import { mountCarousel, type CarouselControls, type CarouselEdges } from '../core/carousel';
import { sharedClient } from '../core/client';
import { Impressions } from '../core/impressions';
import { List, queryKey } from '../core/list';
import { defaultLabels, type Labels } from '../core/present';
import { acquireReporter, type Reporter } from '../core/reporter';
import type { FetchItemDetails, Filters, ListKind, ListQuery, Recommendation } from '../core/types';
import styles from '../style.css?inline';
import { bone, card } from './card';
import { chevron, h } from './dom';

/** The element's events; they bubble and cross shadow roots. */
export interface RecsysCarouselEventMap {
  /** A card was activated. preventDefault() keeps a link from being followed. */
  'recsys-click': CustomEvent<{ item: Recommendation; position: number }>;
  /** Once per item, when half of its card has been visible for a second. */
  'recsys-impression': CustomEvent<{ item: Recommendation; position: number }>;
  /** A list is shown. */
  'recsys-load': CustomEvent<{ items: Recommendation[] }>;
  'recsys-error': CustomEvent<{ error: Error }>;
}

const observed = [
  'api-url', 'user-id', 'item-id', 'session-items', 'list', 'count', 'filters', 'fallback', 'explain', 'api-key',
  'title-text', 'currency', 'locale', 'theme', 'item-href', 'report-events',
];

const kinds: readonly string[] = ['recommend', 'similar-items', 'popular', 'trending', 'bought-together'];

// On a server there is no HTMLElement; the module must still be importable there.
const Base: typeof HTMLElement = typeof HTMLElement === 'undefined' ? (class {} as typeof HTMLElement) : HTMLElement;

/** <recsys-carousel> shows one list of the recommendation API, without a framework. */
export class RecsysCarousel extends Base {
  static readonly observedAttributes = observed;

  private readonly list = new List(sharedClient());
  private given: Recommendation[] | undefined;
  private details: FetchItemDetails | undefined;
  private texts: Labels = defaultLabels;
  private unsubscribe: (() => void) | undefined;
  private carousel: CarouselControls | undefined;
  private impressions: Impressions | undefined;
  private subject = '';
  private loadedKey: string | undefined;
  private report: { reporter: Reporter; release: () => void; key: string } | undefined;
  private scheduled = false;
  private root: HTMLElement | undefined;

  /** Items to show instead of asking the API; undefined asks again. */
  get items(): Recommendation[] | undefined {
    return this.given ?? this.list.snapshot().items;
  }
  set items(items: Recommendation[] | undefined) {
    this.given = items;
    this.loadedKey = undefined;
    this.schedule();
  }

  get fetchItemDetails(): FetchItemDetails | undefined {
    return this.details;
  }
  set fetchItemDetails(details: FetchItemDetails | undefined) {
    this.details = details;
    this.reload();
  }

  /** The element's own texts; those that are not given stay English. */
  get labels(): Labels {
    return this.texts;
  }
  set labels(labels: Partial<Labels>) {
    this.texts = { ...defaultLabels, ...labels };
    this.schedule(true);
  }

  get filters(): Filters | undefined {
    return parseFilters(this.getAttribute('filters'));
  }
  set filters(f: Filters | undefined) {
    if (f) this.setAttribute('filters', JSON.stringify(f));
    else this.removeAttribute('filters');
  }

  get sessionItems(): string[] {
    return parseIds(this.getAttribute('session-items'));
  }
  set sessionItems(ids: string[]) {
    if (ids.length > 0) this.setAttribute('session-items', JSON.stringify(ids));
    else this.removeAttribute('session-items');
  }

  /** Asks the API again; with fresh, past the page's short-lived cache. */
  reload(fresh = false): void {
    if (fresh) sharedClient().forget();
    this.loadedKey = undefined;
    this.schedule();
  }

  connectedCallback(): void {
    if (!this.shadowRoot) this.build();
    this.unsubscribe = this.list.subscribe(() => this.render());
    this.loadedKey = undefined;
    this.schedule();
  }

  disconnectedCallback(): void {
    this.unsubscribe?.();
    this.list.stop();
    this.carousel?.destroy();
    this.carousel = undefined;
    this.impressions?.reset();
    this.impressions = undefined;
    this.report?.release();
    this.report = undefined;
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.schedule(true);
  }

  private query(): ListQuery {
    const text = (name: string) => this.getAttribute(name) || undefined;
    const list = text('list');
    if (list !== undefined && !kinds.includes(list)) {
      console.error(`recsys-carousel: list="${list}" is not one of ${kinds.join(', ')}`);
    }
    const count = Number(text('count') ?? 10);
    return {
      apiUrl: this.getAttribute('api-url') ?? '',
      userId: text('user-id'),
      itemId: text('item-id'),
      sessionItems: this.sessionItems,
      list: list !== undefined && kinds.includes(list) ? (list as ListKind) : undefined,
      count: Number.isInteger(count) && count > 0 ? count : 10,
      filters: this.filters,
      fallback: this.getAttribute('fallback') !== 'false',
      explain: this.flag('explain'),
      apiKey: text('api-key'),
    };
  }

  private flag(name: string): boolean {
    return this.hasAttribute(name) && this.getAttribute(name) !== 'false';
  }

  // Several attributes usually change together; one update serves them all.
  private schedule(redraw = false): void {
    this.redraw ||= redraw;
    if (this.scheduled || !this.isConnected) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      if (this.isConnected) this.update();
    });
  }
  private redraw = false;

  private update(): void {
    const query = this.query();
    const subject = `${query.list ?? ''} ${query.userId ?? ''} ${query.itemId ?? ''}`;
    if (subject !== this.subject || !this.impressions) {
      this.subject = subject;
      this.impressions?.reset();
      this.impressions = new Impressions((id) => this.seen(id));
    }
    this.connectReporter(query);
    const key = this.given ? 'given' : queryKey(query);
    if (key !== this.loadedKey) {
      this.loadedKey = key;
      if (this.given) this.list.show(this.given);
      else void this.list.load(query, this.details);
    } else if (this.redraw) {
      this.render();
    }
    this.redraw = false;
  }

  private connectReporter(q: ListQuery): void {
    const on = this.flag('report-events') && Boolean(q.userId);
    const key = on ? `${q.apiUrl}\n${q.apiKey ?? ''}` : '';
    if (key === (this.report?.key ?? '')) return;
    this.report?.release();
    this.report = on ? { ...acquireReporter({ apiUrl: q.apiUrl, apiKey: q.apiKey }), key } : undefined;
  }

  private build(): void {
    const shadow = this.attachShadow({ mode: 'open', delegatesFocus: false });
    if ('adoptedStyleSheets' in shadow && typeof CSSStyleSheet.prototype.replaceSync === 'function') {
      shadow.adoptedStyleSheets = [sheet()]; // also allowed under a strict Content-Security-Policy
    } else {
      shadow.append(h('style', {}, styles));
    }
    this.root = h('section', { class: 'rsl', part: 'root', 'aria-roledescription': 'carousel', 'aria-labelledby': 'title' },
      h('div', { class: 'rsl-head', part: 'head' },
        h('h2', { class: 'rsl-title', part: 'title', id: 'title' }),
        h('div', { class: 'rsl-arrows', part: 'arrows', hidden: true }, this.arrow(true), this.arrow(false))),
      h('div', { class: 'rsl-body', part: 'body' },
        h('div', { class: 'rsl-viewport', part: 'viewport' }, h('div', { class: 'rsl-track', part: 'track', id: 'track' }))),
      h('span', { class: 'rsl-sr', role: 'status' }));
    this.root.addEventListener('click', this.onClick);
    shadow.append(this.root);
  }

  private arrow(back: boolean): HTMLElement {
    const b = h('button', { type: 'button', class: 'rsl-arrow', part: 'arrow', 'aria-controls': 'track', 'data-back': back }, chevron(back));
    b.addEventListener('click', () => {
      if (b.getAttribute('aria-disabled') !== 'true') this.carousel?.[back ? 'prev' : 'next']();
    });
    return b;
  }

  private one<T extends HTMLElement>(selector: string): T {
    return this.root!.querySelector<T>(selector)!;
  }

  private render(): void {
    const root = this.root;
    if (!root) return;
    const { status, items, error } = this.list.snapshot();
    const labels = this.texts;
    root.dataset.status = status;
    root.setAttribute('aria-busy', String(status === 'loading'));
    const theme = this.getAttribute('theme');
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    this.one('#title').textContent = this.getAttribute('title-text') ?? 'Recommended For You';
    for (const b of root.querySelectorAll('.rsl-arrow')) {
      b.setAttribute('aria-label', b.hasAttribute('data-back') ? labels.previous : labels.next);
    }
    this.one('[role=status]').textContent = status === 'loading' ? labels.loading : '';
    this.renderMessage(status, labels);
    this.renderTrack(status, items, labels);
    if (status === 'ready') this.emit('recsys-load', { items });
    if (status === 'error') this.emit('recsys-error', { error });
  }

  private renderTrack(status: string, items: Recommendation[], labels: Labels): void {
    const viewport = this.one('.rsl-viewport');
    const track = this.one('.rsl-track');
    viewport.classList.toggle('rsl-refreshing', status === 'loading' && items.length > 0);
    track.classList.toggle('rsl-hidden', items.length === 0 && status !== 'loading');
    const explain = this.flag('explain');
    const options = {
      labels, explain, href: this.getAttribute('item-href'),
      price: { currency: this.getAttribute('currency') || undefined, locale: this.getAttribute('locale') || undefined },
    };
    const focused = (this.shadowRoot!.activeElement as HTMLElement | null)?.dataset.rslCard;
    if (items.length > 0) {
      track.removeAttribute('aria-hidden');
      track.replaceChildren(...items.map((item, i) =>
        h('div', { class: 'rsl-slide', part: 'slide', role: 'group', 'aria-roledescription': 'slide', 'aria-label': labels.position(i + 1, items.length) },
          card(item, options))));
      this.carousel ??= mountCarousel(viewport, (e) => this.showEdges(e));
      this.carousel.refresh();
      this.impressions?.reset();
      for (const c of track.querySelectorAll<HTMLElement>('[data-rsl-card]')) {
        this.impressions?.observe(c, c.dataset.rslCard!);
        if (c.dataset.rslCard === focused) c.focus({ preventScroll: true });
      }
      return;
    }
    this.carousel?.destroy();
    this.carousel = undefined;
    this.showEdges({ canPrev: false, canNext: false });
    track.setAttribute('aria-hidden', 'true');
    const bones = Math.min(this.query().count, 6);
    track.replaceChildren(...Array.from({ length: bones }, () => h('div', { class: 'rsl-slide' }, bone(explain))));
  }

  private renderMessage(status: string, labels: Labels): void {
    this.root!.querySelector('.rsl-message')?.remove();
    if (status !== 'error' && status !== 'empty') return;
    const failed = status === 'error';
    const message = h('div', { class: failed ? 'rsl-message rsl-message-error' : 'rsl-message', part: 'message', role: failed && 'alert' },
      h('p', {}, failed ? labels.error : labels.empty));
    if (failed) {
      const retry = h('button', { type: 'button', class: 'rsl-button', part: 'button' }, labels.retry);
      retry.addEventListener('click', () => this.list.retry());
      message.append(retry);
    }
    this.one('.rsl-body').append(message);
  }

  private showEdges(e: CarouselEdges): void {
    this.one('.rsl-arrows').hidden = !e.canPrev && !e.canNext;
    for (const b of this.root!.querySelectorAll('.rsl-arrow')) {
      b.setAttribute('aria-disabled', String(b.hasAttribute('data-back') ? !e.canPrev : !e.canNext));
    }
  }

  private find(id: string | undefined): { item: Recommendation; position: number } | undefined {
    const items = this.list.snapshot().items;
    const position = items.findIndex((i) => i.item_id === id);
    return position < 0 ? undefined : { item: items[position]!, position };
  }

  private onClick = (e: MouseEvent): void => {
    const target = (e.target as Element).closest<HTMLElement>('[data-rsl-card]');
    const found = target && this.find(target.dataset.rslCard);
    if (!found) return;
    this.send(found.item, 'click', true);
    if (!this.emit('recsys-click', found)) e.preventDefault();
  };

  private seen(id: string): void {
    const found = this.find(id);
    if (!found) return;
    this.send(found.item, 'impression', false);
    this.emit('recsys-impression', found);
  }

  private send(item: Recommendation, type: string, urgent: boolean): void {
    const user = this.getAttribute('user-id');
    if (user) this.report?.reporter.report({ user_id: user, item_id: item.item_id, event_type: type }, urgent);
  }

  private emit(type: string, detail: unknown): boolean {
    return this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true, cancelable: type === 'recsys-click' }));
  }
}

let shared: CSSStyleSheet | undefined;

function sheet(): CSSStyleSheet {
  if (!shared) {
    shared = new CSSStyleSheet();
    shared.replaceSync(styles);
  }
  return shared;
}

/** Ids are a JSON array, or a list with commas. */
function parseIds(text: string | null): string[] {
  if (!text) return [];
  if (text.trimStart().startsWith('[')) {
    try {
      return (JSON.parse(text) as unknown[]).map(String);
    } catch {
      console.error(`recsys-carousel: session-items is not a JSON array: ${text}`);
      return [];
    }
  }
  return text.split(',').map((s) => s.trim()).filter(Boolean);
}

function parseFilters(text: string | null): Filters | undefined {
  if (!text) return undefined;
  try {
    return JSON.parse(text) as Filters;
  } catch {
    // A filter that is ignored shows items that must not be shown: this is loud.
    console.error(`recsys-carousel: filters is not JSON: ${text}`);
    return { includeItems: [''] };
  }
}
