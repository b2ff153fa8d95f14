/** Half of a card for one second, the advertising industry's definition of a viewable impression. */
const share = 0.5;
const duration = 1_000;

/**
 * Impressions tells once per item when its card has been seen. Without IntersectionObserver
 * (old browsers, servers) nothing counts as seen.
 */
export class Impressions {
  private readonly observer: IntersectionObserver | undefined;
  private readonly ids = new Map<Element, string>();
  private readonly timers = new Map<Element, ReturnType<typeof setTimeout>>();
  private readonly told = new Set<string>();

  constructor(private readonly seen: (itemId: string) => void) {
    if (typeof IntersectionObserver === 'undefined') return;
    this.observer = new IntersectionObserver((entries) => entries.forEach((e) => this.change(e)), { threshold: share });
  }

  observe(card: Element, itemId: string): void {
    if (!this.observer || this.told.has(itemId) || this.ids.get(card) === itemId) return;
    this.ids.set(card, itemId);
    this.observer.observe(card);
  }

  /** reset forgets the cards, but not what was told. */
  reset(): void {
    this.observer?.disconnect();
    this.timers.forEach(clearTimeout);
    this.timers.clear();
    this.ids.clear();
  }

  private change(e: IntersectionObserverEntry): void {
    const visible = e.isIntersecting && e.intersectionRatio >= share;
    clearTimeout(this.timers.get(e.target));
    this.timers.delete(e.target);
    if (visible) this.timers.set(e.target, setTimeout(() => this.tell(e.target), duration));
  }

  private tell(card: Element): void {
    const id = this.ids.get(card);
    this.observer?.unobserve(card);
    this.timers.delete(card);
    if (id === undefined || this.told.has(id)) return;
    this.told.add(id);
    this.seen(id);
  }
}
