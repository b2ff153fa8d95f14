import EmblaCarousel, { type EmblaCarouselType } from 'embla-carousel';

export interface CarouselControls {
  prev(): void;
  next(): void;
  /** Measures again, after the slides have changed. */
  refresh(): void;
  destroy(): void;
}

export interface CarouselEdges {
  canPrev: boolean;
  canNext: boolean;
}

/**
 * mountCarousel makes the first child of viewport a track that can be dragged, stepped and
 * driven with arrow keys. It reports when an end is reached or left.
 */
export function mountCarousel(viewport: HTMLElement, onEdges: (e: CarouselEdges) => void): CarouselControls {
  const rtl = getComputedStyle(viewport).direction === 'rtl';
  const still = typeof matchMedia === 'function' && matchMedia('(prefers-reduced-motion: reduce)').matches;
  const options = {
    align: 'start' as const,
    containScroll: 'trimSnaps' as const,
    slidesToScroll: 'auto' as const,
    direction: rtl ? ('rtl' as const) : ('ltr' as const),
    duration: 22,
  };
  const embla: EmblaCarouselType = EmblaCarousel(viewport, options);

  const edges = () => onEdges({ canPrev: embla.canScrollPrev(), canNext: embla.canScrollNext() });
  embla.on('init', edges).on('reInit', edges).on('select', edges);

  const cards = () => [...viewport.querySelectorAll<HTMLElement>('[data-rsl-card]')];
  const focusCard = (i: number) => {
    const all = cards();
    all[Math.max(0, Math.min(all.length - 1, i))]?.focus({ preventScroll: true });
  };

  // The arrows move to the neighbouring card, Home and End to the outer ones; from the viewport
  // itself they start at the first.
  const onKey = (e: KeyboardEvent) => {
    if (e.altKey || e.ctrlKey || e.metaKey || e.shiftKey) return;
    const all = cards();
    const root = viewport.getRootNode() as Document | ShadowRoot;
    const at = all.findIndex((c) => c === root.activeElement);
    const forward = rtl ? 'ArrowLeft' : 'ArrowRight';
    const back = rtl ? 'ArrowRight' : 'ArrowLeft';
    if (e.key === forward) focusCard(at + 1);
    else if (e.key === back) focusCard(at - 1);
    else if (e.key === 'Home') focusCard(0);
    else if (e.key === 'End') focusCard(all.length - 1);
    else return;
    e.preventDefault();
  };

  // A card that gets the focus must be seen; the browser's own scrolling would fight the track's.
  const onFocus = (e: FocusEvent) => {
    viewport.scrollLeft = 0;
    const i = embla.slideNodes().findIndex((n) => n.contains(e.target as Node));
    if (i < 0 || embla.slidesInView().includes(i)) return;
    const snap = embla.internalEngine().slideRegistry.findIndex((group) => group.includes(i));
    if (snap >= 0) embla.scrollTo(snap, still);
  };

  viewport.addEventListener('keydown', onKey);
  viewport.addEventListener('focusin', onFocus);
  return {
    prev: () => embla.scrollPrev(still),
    next: () => embla.scrollNext(still),
    refresh: () => embla.reInit(),
    destroy: () => {
      viewport.removeEventListener('keydown', onKey);
      viewport.removeEventListener('focusin', onFocus);
      embla.destroy();
    },
  };
}
