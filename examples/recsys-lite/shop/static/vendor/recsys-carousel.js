function Ce(t) {
  return typeof t == "number";
}
function Le(t) {
  return typeof t == "string";
}
function ye(t) {
  return typeof t == "boolean";
}
function He(t) {
  return Object.prototype.toString.call(t) === "[object Object]";
}
function F(t) {
  return Math.abs(t);
}
function Me(t) {
  return Math.sign(t);
}
function de(t, e) {
  return F(t - e);
}
function bt(t, e) {
  if (t === 0 || e === 0 || F(t) <= F(e)) return 0;
  const r = de(F(t), F(e));
  return F(r / t);
}
function yt(t) {
  return Math.round(t * 100) / 100;
}
function fe(t) {
  return he(t).map(Number);
}
function B(t) {
  return t[me(t)];
}
function me(t) {
  return Math.max(0, t.length - 1);
}
function Fe(t, e) {
  return e === me(t);
}
function Ge(t, e = 0) {
  return Array.from(Array(t), (r, n) => e + n);
}
function he(t) {
  return Object.keys(t);
}
function Ze(t, e) {
  return [t, e].reduce((r, n) => (he(n).forEach((i) => {
    const s = r[i], o = n[i], c = He(s) && He(o);
    r[i] = c ? Ze(s, o) : o;
  }), r), {});
}
function Te(t, e) {
  return typeof e.MouseEvent < "u" && t instanceof e.MouseEvent;
}
function vt(t, e) {
  const r = {
    start: n,
    center: i,
    end: s
  };
  function n() {
    return 0;
  }
  function i(a) {
    return s(a) / 2;
  }
  function s(a) {
    return e - a;
  }
  function o(a, l) {
    return Le(t) ? r[t](a) : t(e, a, l);
  }
  return {
    measure: o
  };
}
function pe() {
  let t = [];
  function e(i, s, o, c = {
    passive: !0
  }) {
    let a;
    if ("addEventListener" in i)
      i.addEventListener(s, o, c), a = () => i.removeEventListener(s, o, c);
    else {
      const l = i;
      l.addListener(o), a = () => l.removeListener(o);
    }
    return t.push(a), n;
  }
  function r() {
    t = t.filter((i) => i());
  }
  const n = {
    add: e,
    clear: r
  };
  return n;
}
function wt(t, e, r, n) {
  const i = pe(), s = 1e3 / 60;
  let o = null, c = 0, a = 0;
  function l() {
    i.add(t, "visibilitychange", () => {
      t.hidden && d();
    });
  }
  function p() {
    y(), i.clear();
  }
  function u(g) {
    if (!a) return;
    o || (o = g, r(), r());
    const f = g - o;
    for (o = g, c += f; c >= s; )
      r(), c -= s;
    const b = c / s;
    n(b), a && (a = e.requestAnimationFrame(u));
  }
  function h() {
    a || (a = e.requestAnimationFrame(u));
  }
  function y() {
    e.cancelAnimationFrame(a), o = null, c = 0, a = 0;
  }
  function d() {
    o = null, c = 0;
  }
  return {
    init: l,
    destroy: p,
    start: h,
    stop: y,
    update: r,
    render: n
  };
}
function xt(t, e) {
  const r = e === "rtl", n = t === "y", i = n ? "y" : "x", s = n ? "x" : "y", o = !n && r ? -1 : 1, c = p(), a = u();
  function l(d) {
    const {
      height: m,
      width: g
    } = d;
    return n ? m : g;
  }
  function p() {
    return n ? "top" : r ? "right" : "left";
  }
  function u() {
    return n ? "bottom" : r ? "left" : "right";
  }
  function h(d) {
    return d * o;
  }
  return {
    scroll: i,
    cross: s,
    startEdge: c,
    endEdge: a,
    measureSize: l,
    direction: h
  };
}
function te(t = 0, e = 0) {
  const r = F(t - e);
  function n(l) {
    return l < t;
  }
  function i(l) {
    return l > e;
  }
  function s(l) {
    return n(l) || i(l);
  }
  function o(l) {
    return s(l) ? n(l) ? t : e : l;
  }
  function c(l) {
    return r ? l - r * Math.ceil((l - e) / r) : l;
  }
  return {
    length: r,
    max: e,
    min: t,
    constrain: o,
    reachedAny: s,
    reachedMax: i,
    reachedMin: n,
    removeOffset: c
  };
}
function We(t, e, r) {
  const {
    constrain: n
  } = te(0, t), i = t + 1;
  let s = o(e);
  function o(h) {
    return r ? F((i + h) % i) : n(h);
  }
  function c() {
    return s;
  }
  function a(h) {
    return s = o(h), u;
  }
  function l(h) {
    return p().set(c() + h);
  }
  function p() {
    return We(t, c(), r);
  }
  const u = {
    get: c,
    set: a,
    add: l,
    clone: p
  };
  return u;
}
function St(t, e, r, n, i, s, o, c, a, l, p, u, h, y, d, m, g, f, b) {
  const {
    cross: w,
    direction: I
  } = t, C = ["INPUT", "SELECT", "TEXTAREA"], A = {
    passive: !1
  }, x = pe(), S = pe(), E = te(50, 225).constrain(y.measure(20)), P = {
    mouse: 300,
    touch: 400
  }, L = {
    mouse: 500,
    touch: 600
  }, z = d ? 43 : 25;
  let K = !1, $ = 0, R = 0, W = !1, Y = !1, H = !1, G = !1;
  function oe(v) {
    if (!b) return;
    function T(O) {
      (ye(b) || b(v, O)) && ce(O);
    }
    const D = e;
    x.add(D, "dragstart", (O) => O.preventDefault(), A).add(D, "touchmove", () => {
    }, A).add(D, "touchend", () => {
    }).add(D, "touchstart", T).add(D, "mousedown", T).add(D, "touchcancel", N).add(D, "contextmenu", N).add(D, "click", Q, !0);
  }
  function V() {
    x.clear(), S.clear();
  }
  function re() {
    const v = G ? r : e;
    S.add(v, "touchmove", j, A).add(v, "touchend", N).add(v, "mousemove", j, A).add(v, "mouseup", N);
  }
  function ne(v) {
    const T = v.nodeName || "";
    return C.includes(T);
  }
  function J() {
    return (d ? L : P)[G ? "mouse" : "touch"];
  }
  function ae(v, T) {
    const D = u.add(Me(v) * -1), O = p.byDistance(v, !d).distance;
    return d || F(v) < E ? O : g && T ? O * 0.5 : p.byIndex(D.get(), 0).distance;
  }
  function ce(v) {
    const T = Te(v, n);
    G = T, H = d && T && !v.buttons && K, K = de(i.get(), o.get()) >= 2, !(T && v.button !== 0) && (ne(v.target) || (W = !0, s.pointerDown(v), l.useFriction(0).useDuration(0), i.set(o), re(), $ = s.readPoint(v), R = s.readPoint(v, w), h.emit("pointerDown")));
  }
  function j(v) {
    if (!Te(v, n) && v.touches.length >= 2) return N(v);
    const D = s.readPoint(v), O = s.readPoint(v, w), U = de(D, $), X = de(O, R);
    if (!Y && !G && (!v.cancelable || (Y = U > X, !Y)))
      return N(v);
    const q = s.pointerMove(v);
    U > m && (H = !0), l.useFriction(0.3).useDuration(0.75), c.start(), i.add(I(q)), v.preventDefault();
  }
  function N(v) {
    const D = p.byDistance(0, !1).index !== u.get(), O = s.pointerUp(v) * J(), U = ae(I(O), D), X = bt(O, U), q = z - 10 * X, Z = f + X / 50;
    Y = !1, W = !1, S.clear(), l.useDuration(q).useFriction(Z), a.distance(U, !d), G = !1, h.emit("pointerUp");
  }
  function Q(v) {
    H && (v.stopPropagation(), v.preventDefault(), H = !1);
  }
  function _() {
    return W;
  }
  return {
    init: oe,
    destroy: V,
    pointerDown: _
  };
}
function kt(t, e) {
  let n, i;
  function s(u) {
    return u.timeStamp;
  }
  function o(u, h) {
    const d = `client${(h || t.scroll) === "x" ? "X" : "Y"}`;
    return (Te(u, e) ? u : u.touches[0])[d];
  }
  function c(u) {
    return n = u, i = u, o(u);
  }
  function a(u) {
    const h = o(u) - o(i), y = s(u) - s(n) > 170;
    return i = u, y && (n = u), h;
  }
  function l(u) {
    if (!n || !i) return 0;
    const h = o(i) - o(n), y = s(u) - s(n), d = s(u) - s(i) > 170, m = h / y;
    return y && !d && F(m) > 0.1 ? m : 0;
  }
  return {
    pointerDown: c,
    pointerMove: a,
    pointerUp: l,
    readPoint: o
  };
}
function It() {
  function t(r) {
    const {
      offsetTop: n,
      offsetLeft: i,
      offsetWidth: s,
      offsetHeight: o
    } = r;
    return {
      top: n,
      right: i + s,
      bottom: n + o,
      left: i,
      width: s,
      height: o
    };
  }
  return {
    measure: t
  };
}
function At(t) {
  function e(n) {
    return t * (n / 100);
  }
  return {
    measure: e
  };
}
function Et(t, e, r, n, i, s, o) {
  const c = [t].concat(n);
  let a, l, p = [], u = !1;
  function h(g) {
    return i.measureSize(o.measure(g));
  }
  function y(g) {
    if (!s) return;
    l = h(t), p = n.map(h);
    function f(b) {
      for (const w of b) {
        if (u) return;
        const I = w.target === t, C = n.indexOf(w.target), A = I ? l : p[C], x = h(I ? t : n[C]);
        if (F(x - A) >= 0.5) {
          g.reInit(), e.emit("resize");
          break;
        }
      }
    }
    a = new ResizeObserver((b) => {
      (ye(s) || s(g, b)) && f(b);
    }), r.requestAnimationFrame(() => {
      c.forEach((b) => a.observe(b));
    });
  }
  function d() {
    u = !0, a && a.disconnect();
  }
  return {
    init: y,
    destroy: d
  };
}
function Lt(t, e, r, n, i, s) {
  let o = 0, c = 0, a = i, l = s, p = t.get(), u = 0;
  function h() {
    const A = n.get() - t.get(), x = !a;
    let S = 0;
    return x ? (o = 0, r.set(n), t.set(n), S = A) : (r.set(t), o += A / a, o *= l, p += o, t.add(o), S = p - u), c = Me(S), u = p, C;
  }
  function y() {
    const A = n.get() - e.get();
    return F(A) < 1e-3;
  }
  function d() {
    return a;
  }
  function m() {
    return c;
  }
  function g() {
    return o;
  }
  function f() {
    return w(i);
  }
  function b() {
    return I(s);
  }
  function w(A) {
    return a = A, C;
  }
  function I(A) {
    return l = A, C;
  }
  const C = {
    direction: m,
    duration: d,
    velocity: g,
    seek: h,
    settled: y,
    useBaseFriction: b,
    useBaseDuration: f,
    useFriction: I,
    useDuration: w
  };
  return C;
}
function Tt(t, e, r, n, i) {
  const s = i.measure(10), o = i.measure(50), c = te(0.1, 0.99);
  let a = !1;
  function l() {
    return !(a || !t.reachedAny(r.get()) || !t.reachedAny(e.get()));
  }
  function p(y) {
    if (!l()) return;
    const d = t.reachedMin(e.get()) ? "min" : "max", m = F(t[d] - e.get()), g = r.get() - e.get(), f = c.constrain(m / o);
    r.subtract(g * f), !y && F(g) < s && (r.set(t.constrain(r.get())), n.useDuration(25).useBaseFriction());
  }
  function u(y) {
    a = !y;
  }
  return {
    shouldConstrain: l,
    constrain: p,
    toggleActive: u
  };
}
function Ct(t, e, r, n, i) {
  const s = te(-e + t, 0), o = u(), c = p(), a = h();
  function l(d, m) {
    return de(d, m) <= 1;
  }
  function p() {
    const d = o[0], m = B(o), g = o.lastIndexOf(d), f = o.indexOf(m) + 1;
    return te(g, f);
  }
  function u() {
    return r.map((d, m) => {
      const {
        min: g,
        max: f
      } = s, b = s.constrain(d), w = !m, I = Fe(r, m);
      return w ? f : I || l(g, b) ? g : l(f, b) ? f : b;
    }).map((d) => parseFloat(d.toFixed(3)));
  }
  function h() {
    if (e <= t + i) return [s.max];
    if (n === "keepSnaps") return o;
    const {
      min: d,
      max: m
    } = c;
    return o.slice(d, m);
  }
  return {
    snapsContained: a,
    scrollContainLimit: c
  };
}
function Mt(t, e, r) {
  const n = e[0], i = r ? n - t : B(e);
  return {
    limit: te(i, n)
  };
}
function Ft(t, e, r, n) {
  const s = e.min + 0.1, o = e.max + 0.1, {
    reachedMin: c,
    reachedMax: a
  } = te(s, o);
  function l(h) {
    return h === 1 ? a(r.get()) : h === -1 ? c(r.get()) : !1;
  }
  function p(h) {
    if (!l(h)) return;
    const y = t * (h * -1);
    n.forEach((d) => d.add(y));
  }
  return {
    loop: p
  };
}
function Pt(t) {
  const {
    max: e,
    length: r
  } = t;
  function n(s) {
    const o = s - e;
    return r ? o / -r : 0;
  }
  return {
    get: n
  };
}
function Dt(t, e, r, n, i) {
  const {
    startEdge: s,
    endEdge: o
  } = t, {
    groupSlides: c
  } = i, a = u().map(e.measure), l = h(), p = y();
  function u() {
    return c(n).map((m) => B(m)[o] - m[0][s]).map(F);
  }
  function h() {
    return n.map((m) => r[s] - m[s]).map((m) => -F(m));
  }
  function y() {
    return c(l).map((m) => m[0]).map((m, g) => m + a[g]);
  }
  return {
    snaps: l,
    snapsAligned: p
  };
}
function Nt(t, e, r, n, i, s) {
  const {
    groupSlides: o
  } = i, {
    min: c,
    max: a
  } = n, l = p();
  function p() {
    const h = o(s), y = !t || e === "keepSnaps";
    return r.length === 1 ? [s] : y ? h : h.slice(c, a).map((d, m, g) => {
      const f = !m, b = Fe(g, m);
      if (f) {
        const w = B(g[0]) + 1;
        return Ge(w);
      }
      if (b) {
        const w = me(s) - B(g)[0] + 1;
        return Ge(w, B(g)[0]);
      }
      return d;
    });
  }
  return {
    slideRegistry: l
  };
}
function Ot(t, e, r, n, i) {
  const {
    reachedAny: s,
    removeOffset: o,
    constrain: c
  } = n;
  function a(d) {
    return d.concat().sort((m, g) => F(m) - F(g))[0];
  }
  function l(d) {
    const m = t ? o(d) : c(d), g = e.map((b, w) => ({
      diff: p(b - m, 0),
      index: w
    })).sort((b, w) => F(b.diff) - F(w.diff)), {
      index: f
    } = g[0];
    return {
      index: f,
      distance: m
    };
  }
  function p(d, m) {
    const g = [d, d + r, d - r];
    if (!t) return d;
    if (!m) return a(g);
    const f = g.filter((b) => Me(b) === m);
    return f.length ? a(f) : B(g) - r;
  }
  function u(d, m) {
    const g = e[d] - i.get(), f = p(g, m);
    return {
      index: d,
      distance: f
    };
  }
  function h(d, m) {
    const g = i.get() + d, {
      index: f,
      distance: b
    } = l(g), w = !t && s(g);
    if (!m || w) return {
      index: f,
      distance: d
    };
    const I = e[f] - b, C = d + p(I, 0);
    return {
      index: f,
      distance: C
    };
  }
  return {
    byDistance: h,
    byIndex: u,
    shortcut: p
  };
}
function zt(t, e, r, n, i, s, o) {
  function c(u) {
    const h = u.distance, y = u.index !== e.get();
    s.add(h), h && (n.duration() ? t.start() : (t.update(), t.render(1), t.update())), y && (r.set(e.get()), e.set(u.index), o.emit("select"));
  }
  function a(u, h) {
    const y = i.byDistance(u, h);
    c(y);
  }
  function l(u, h) {
    const y = e.clone().set(u), d = i.byIndex(y.get(), h);
    c(d);
  }
  return {
    distance: a,
    index: l
  };
}
function jt(t, e, r, n, i, s, o, c) {
  const a = {
    passive: !0,
    capture: !0
  };
  let l = 0;
  function p(y) {
    if (!c) return;
    function d(m) {
      if ((/* @__PURE__ */ new Date()).getTime() - l > 10) return;
      o.emit("slideFocusStart"), t.scrollLeft = 0;
      const b = r.findIndex((w) => w.includes(m));
      Ce(b) && (i.useDuration(0), n.index(b, 0), o.emit("slideFocus"));
    }
    s.add(document, "keydown", u, !1), e.forEach((m, g) => {
      s.add(m, "focus", (f) => {
        (ye(c) || c(y, f)) && d(g);
      }, a);
    });
  }
  function u(y) {
    y.code === "Tab" && (l = (/* @__PURE__ */ new Date()).getTime());
  }
  return {
    init: p
  };
}
function ue(t) {
  let e = t;
  function r() {
    return e;
  }
  function n(a) {
    e = o(a);
  }
  function i(a) {
    e += o(a);
  }
  function s(a) {
    e -= o(a);
  }
  function o(a) {
    return Ce(a) ? a : a.get();
  }
  return {
    get: r,
    set: n,
    add: i,
    subtract: s
  };
}
function qe(t, e) {
  const r = t.scroll === "x" ? o : c, n = e.style;
  let i = null, s = !1;
  function o(h) {
    return `translate3d(${h}px,0px,0px)`;
  }
  function c(h) {
    return `translate3d(0px,${h}px,0px)`;
  }
  function a(h) {
    if (s) return;
    const y = yt(t.direction(h));
    y !== i && (n.transform = r(y), i = y);
  }
  function l(h) {
    s = !h;
  }
  function p() {
    s || (n.transform = "", e.getAttribute("style") || e.removeAttribute("style"));
  }
  return {
    clear: p,
    to: a,
    toggleActive: l
  };
}
function _t(t, e, r, n, i, s, o, c, a) {
  const p = fe(i), u = fe(i).reverse(), h = f().concat(b());
  function y(x, S) {
    return x.reduce((E, P) => E - i[P], S);
  }
  function d(x, S) {
    return x.reduce((E, P) => y(E, S) > 0 ? E.concat([P]) : E, []);
  }
  function m(x) {
    return s.map((S, E) => ({
      start: S - n[E] + 0.5 + x,
      end: S + e - 0.5 + x
    }));
  }
  function g(x, S, E) {
    const P = m(S);
    return x.map((L) => {
      const z = E ? 0 : -r, K = E ? r : 0, $ = E ? "end" : "start", R = P[L][$];
      return {
        index: L,
        loopPoint: R,
        slideLocation: ue(-1),
        translate: qe(t, a[L]),
        target: () => c.get() > R ? z : K
      };
    });
  }
  function f() {
    const x = o[0], S = d(u, x);
    return g(S, r, !1);
  }
  function b() {
    const x = e - o[0] - 1, S = d(p, x);
    return g(S, -r, !0);
  }
  function w() {
    return h.every(({
      index: x
    }) => {
      const S = p.filter((E) => E !== x);
      return y(S, e) <= 0.1;
    });
  }
  function I() {
    h.forEach((x) => {
      const {
        target: S,
        translate: E,
        slideLocation: P
      } = x, L = S();
      L !== P.get() && (E.to(L), P.set(L));
    });
  }
  function C() {
    h.forEach((x) => x.translate.clear());
  }
  return {
    canLoop: w,
    clear: C,
    loop: I,
    loopPoints: h
  };
}
function Bt(t, e, r) {
  let n, i = !1;
  function s(a) {
    if (!r) return;
    function l(p) {
      for (const u of p)
        if (u.type === "childList") {
          a.reInit(), e.emit("slidesChanged");
          break;
        }
    }
    n = new MutationObserver((p) => {
      i || (ye(r) || r(a, p)) && l(p);
    }), n.observe(t, {
      childList: !0
    });
  }
  function o() {
    n && n.disconnect(), i = !0;
  }
  return {
    init: s,
    destroy: o
  };
}
function Kt(t, e, r, n) {
  const i = {};
  let s = null, o = null, c, a = !1;
  function l() {
    c = new IntersectionObserver((d) => {
      a || (d.forEach((m) => {
        const g = e.indexOf(m.target);
        i[g] = m;
      }), s = null, o = null, r.emit("slidesInView"));
    }, {
      root: t.parentElement,
      threshold: n
    }), e.forEach((d) => c.observe(d));
  }
  function p() {
    c && c.disconnect(), a = !0;
  }
  function u(d) {
    return he(i).reduce((m, g) => {
      const f = parseInt(g), {
        isIntersecting: b
      } = i[f];
      return (d && b || !d && !b) && m.push(f), m;
    }, []);
  }
  function h(d = !0) {
    if (d && s) return s;
    if (!d && o) return o;
    const m = u(d);
    return d && (s = m), d || (o = m), m;
  }
  return {
    init: l,
    destroy: p,
    get: h
  };
}
function $t(t, e, r, n, i, s) {
  const {
    measureSize: o,
    startEdge: c,
    endEdge: a
  } = t, l = r[0] && i, p = d(), u = m(), h = r.map(o), y = g();
  function d() {
    if (!l) return 0;
    const b = r[0];
    return F(e[c] - b[c]);
  }
  function m() {
    if (!l) return 0;
    const b = s.getComputedStyle(B(n));
    return parseFloat(b.getPropertyValue(`margin-${a}`));
  }
  function g() {
    return r.map((b, w, I) => {
      const C = !w, A = Fe(I, w);
      return C ? h[w] + p : A ? h[w] + u : I[w + 1][c] - b[c];
    }).map(F);
  }
  return {
    slideSizes: h,
    slideSizesWithGaps: y,
    startGap: p,
    endGap: u
  };
}
function Rt(t, e, r, n, i, s, o, c, a) {
  const {
    startEdge: l,
    endEdge: p,
    direction: u
  } = t, h = Ce(r);
  function y(f, b) {
    return fe(f).filter((w) => w % b === 0).map((w) => f.slice(w, w + b));
  }
  function d(f) {
    return f.length ? fe(f).reduce((b, w, I) => {
      const C = B(b) || 0, A = C === 0, x = w === me(f), S = i[l] - s[C][l], E = i[l] - s[w][p], P = !n && A ? u(o) : 0, L = !n && x ? u(c) : 0, z = F(E - L - (S + P));
      return I && z > e + a && b.push(w), x && b.push(f.length), b;
    }, []).map((b, w, I) => {
      const C = Math.max(I[w - 1] || 0);
      return f.slice(C, b);
    }) : [];
  }
  function m(f) {
    return h ? y(f, r) : d(f);
  }
  return {
    groupSlides: m
  };
}
function Vt(t, e, r, n, i, s, o) {
  const {
    align: c,
    axis: a,
    direction: l,
    startIndex: p,
    loop: u,
    duration: h,
    dragFree: y,
    dragThreshold: d,
    inViewThreshold: m,
    slidesToScroll: g,
    skipSnaps: f,
    containScroll: b,
    watchResize: w,
    watchSlides: I,
    watchDrag: C,
    watchFocus: A
  } = s, x = 2, S = It(), E = S.measure(e), P = r.map(S.measure), L = xt(a, l), z = L.measureSize(E), K = At(z), $ = vt(c, z), R = !u && !!b, W = u || !!b, {
    slideSizes: Y,
    slideSizesWithGaps: H,
    startGap: G,
    endGap: oe
  } = $t(L, E, P, r, W, i), V = Rt(L, z, g, u, E, P, G, oe, x), {
    snaps: re,
    snapsAligned: ne
  } = Dt(L, $, E, P, V), J = -B(re) + B(H), {
    snapsContained: ae,
    scrollContainLimit: ce
  } = Ct(z, J, ne, b, x), j = R ? ae : ne, {
    limit: N
  } = Mt(J, j, u), Q = We(me(j), p, u), _ = Q.clone(), M = fe(r), v = ({
    dragHandler: se,
    scrollBody: Se,
    scrollBounds: ke,
    options: {
      loop: ge
    }
  }) => {
    ge || ke.constrain(se.pointerDown()), Se.seek();
  }, T = ({
    scrollBody: se,
    translate: Se,
    location: ke,
    offsetLocation: ge,
    previousLocation: lt,
    scrollLooper: ut,
    slideLooper: dt,
    dragHandler: ft,
    animation: ht,
    eventHandler: Be,
    scrollBounds: pt,
    options: {
      loop: Ke
    }
  }, $e) => {
    const Re = se.settled(), mt = !pt.shouldConstrain(), Ve = Ke ? Re : Re && mt, Ue = Ve && !ft.pointerDown();
    Ue && ht.stop();
    const gt = ke.get() * $e + lt.get() * (1 - $e);
    ge.set(gt), Ke && (ut.loop(se.direction()), dt.loop()), Se.to(ge.get()), Ue && Be.emit("settle"), Ve || Be.emit("scroll");
  }, D = wt(n, i, () => v(xe), (se) => T(xe, se)), O = 0.68, U = j[Q.get()], X = ue(U), q = ue(U), Z = ue(U), ee = ue(U), le = Lt(X, Z, q, ee, h, O), ve = Ot(u, j, J, N, ee), we = zt(D, Q, _, le, ve, ee, o), ze = Pt(N), je = pe(), at = Kt(e, r, o, m), {
    slideRegistry: _e
  } = Nt(R, b, j, ce, V, M), ct = jt(t, r, _e, we, le, je, o, A), xe = {
    ownerDocument: n,
    ownerWindow: i,
    eventHandler: o,
    containerRect: E,
    slideRects: P,
    animation: D,
    axis: L,
    dragHandler: St(L, t, n, i, ee, kt(L, i), X, D, we, le, ve, Q, o, K, y, d, f, O, C),
    eventStore: je,
    percentOfView: K,
    index: Q,
    indexPrevious: _,
    limit: N,
    location: X,
    offsetLocation: Z,
    previousLocation: q,
    options: s,
    resizeHandler: Et(e, o, i, r, L, w, S),
    scrollBody: le,
    scrollBounds: Tt(N, Z, ee, le, K),
    scrollLooper: Ft(J, N, Z, [X, Z, q, ee]),
    scrollProgress: ze,
    scrollSnapList: j.map(ze.get),
    scrollSnaps: j,
    scrollTarget: ve,
    scrollTo: we,
    slideLooper: _t(L, z, J, Y, H, re, j, Z, r),
    slideFocus: ct,
    slidesHandler: Bt(e, o, I),
    slidesInView: at,
    slideIndexes: M,
    slideRegistry: _e,
    slidesToScroll: V,
    target: ee,
    translate: qe(L, e)
  };
  return xe;
}
function Ut() {
  let t = {}, e;
  function r(l) {
    e = l;
  }
  function n(l) {
    return t[l] || [];
  }
  function i(l) {
    return n(l).forEach((p) => p(e, l)), a;
  }
  function s(l, p) {
    return t[l] = n(l).concat([p]), a;
  }
  function o(l, p) {
    return t[l] = n(l).filter((u) => u !== p), a;
  }
  function c() {
    t = {};
  }
  const a = {
    init: r,
    emit: i,
    off: o,
    on: s,
    clear: c
  };
  return a;
}
const Ht = {
  align: "center",
  axis: "x",
  container: null,
  slides: null,
  containScroll: "trimSnaps",
  direction: "ltr",
  slidesToScroll: 1,
  inViewThreshold: 0,
  breakpoints: {},
  dragFree: !1,
  dragThreshold: 10,
  loop: !1,
  skipSnaps: !1,
  duration: 25,
  startIndex: 0,
  active: !0,
  watchDrag: !0,
  watchResize: !0,
  watchSlides: !0,
  watchFocus: !0
};
function Gt(t) {
  function e(s, o) {
    return Ze(s, o || {});
  }
  function r(s) {
    const o = s.breakpoints || {}, c = he(o).filter((a) => t.matchMedia(a).matches).map((a) => o[a]).reduce((a, l) => e(a, l), {});
    return e(s, c);
  }
  function n(s) {
    return s.map((o) => he(o.breakpoints || {})).reduce((o, c) => o.concat(c), []).map(t.matchMedia);
  }
  return {
    mergeOptions: e,
    optionsAtMedia: r,
    optionsMediaQueries: n
  };
}
function Jt(t) {
  let e = [];
  function r(s, o) {
    return e = o.filter(({
      options: c
    }) => t.optionsAtMedia(c).active !== !1), e.forEach((c) => c.init(s, t)), o.reduce((c, a) => Object.assign(c, {
      [a.name]: a
    }), {});
  }
  function n() {
    e = e.filter((s) => s.destroy());
  }
  return {
    init: r,
    destroy: n
  };
}
function Pe(t, e, r) {
  const n = t.ownerDocument, i = n.defaultView, s = Gt(i), o = Jt(s), c = pe(), a = Ut(), {
    mergeOptions: l,
    optionsAtMedia: p,
    optionsMediaQueries: u
  } = s, {
    on: h,
    off: y,
    emit: d
  } = a, m = L;
  let g = !1, f, b = l(Ht, Pe.globalOptions), w = l(b), I = [], C, A, x;
  function S() {
    const {
      container: M,
      slides: v
    } = w;
    A = (Le(M) ? t.querySelector(M) : M) || t.children[0];
    const D = Le(v) ? A.querySelectorAll(v) : v;
    x = [].slice.call(D || A.children);
  }
  function E(M) {
    const v = Vt(t, A, x, n, i, M, a);
    if (M.loop && !v.slideLooper.canLoop()) {
      const T = Object.assign({}, M, {
        loop: !1
      });
      return E(T);
    }
    return v;
  }
  function P(M, v) {
    g || (b = l(b, M), w = p(b), I = v || I, S(), f = E(w), u([b, ...I.map(({
      options: T
    }) => T)]).forEach((T) => c.add(T, "change", L)), w.active && (f.translate.to(f.location.get()), f.animation.init(), f.slidesInView.init(), f.slideFocus.init(_), f.eventHandler.init(_), f.resizeHandler.init(_), f.slidesHandler.init(_), f.options.loop && f.slideLooper.loop(), A.offsetParent && x.length && f.dragHandler.init(_), C = o.init(_, I)));
  }
  function L(M, v) {
    const T = V();
    z(), P(l({
      startIndex: T
    }, M), v), a.emit("reInit");
  }
  function z() {
    f.dragHandler.destroy(), f.eventStore.clear(), f.translate.clear(), f.slideLooper.clear(), f.resizeHandler.destroy(), f.slidesHandler.destroy(), f.slidesInView.destroy(), f.animation.destroy(), o.destroy(), c.clear();
  }
  function K() {
    g || (g = !0, c.clear(), z(), a.emit("destroy"), a.clear());
  }
  function $(M, v, T) {
    !w.active || g || (f.scrollBody.useBaseFriction().useDuration(v === !0 ? 0 : w.duration), f.scrollTo.index(M, T || 0));
  }
  function R(M) {
    const v = f.index.add(1).get();
    $(v, M, -1);
  }
  function W(M) {
    const v = f.index.add(-1).get();
    $(v, M, 1);
  }
  function Y() {
    return f.index.add(1).get() !== V();
  }
  function H() {
    return f.index.add(-1).get() !== V();
  }
  function G() {
    return f.scrollSnapList;
  }
  function oe() {
    return f.scrollProgress.get(f.offsetLocation.get());
  }
  function V() {
    return f.index.get();
  }
  function re() {
    return f.indexPrevious.get();
  }
  function ne() {
    return f.slidesInView.get();
  }
  function J() {
    return f.slidesInView.get(!1);
  }
  function ae() {
    return C;
  }
  function ce() {
    return f;
  }
  function j() {
    return t;
  }
  function N() {
    return A;
  }
  function Q() {
    return x;
  }
  const _ = {
    canScrollNext: Y,
    canScrollPrev: H,
    containerNode: N,
    internalEngine: ce,
    destroy: K,
    off: y,
    on: h,
    emit: d,
    plugins: ae,
    previousScrollSnap: re,
    reInit: m,
    rootNode: j,
    scrollNext: R,
    scrollPrev: W,
    scrollProgress: oe,
    scrollSnapList: G,
    scrollTo: $,
    selectedScrollSnap: V,
    slideNodes: Q,
    slidesInView: ne,
    slidesNotInView: J
  };
  return P(e, r), setTimeout(() => a.emit("init"), 0), _;
}
Pe.globalOptions = void 0;
function Qt(t, e) {
  const r = getComputedStyle(t).direction === "rtl", n = typeof matchMedia == "function" && matchMedia("(prefers-reduced-motion: reduce)").matches, s = Pe(t, {
    align: "start",
    containScroll: "trimSnaps",
    slidesToScroll: "auto",
    direction: r ? "rtl" : "ltr",
    duration: 22
  }), o = () => e({ canPrev: s.canScrollPrev(), canNext: s.canScrollNext() });
  s.on("init", o).on("reInit", o).on("select", o);
  const c = () => [...t.querySelectorAll("[data-rsl-card]")], a = (u) => {
    const h = c();
    h[Math.max(0, Math.min(h.length - 1, u))]?.focus({ preventScroll: !0 });
  }, l = (u) => {
    if (u.altKey || u.ctrlKey || u.metaKey || u.shiftKey) return;
    const h = c(), y = t.getRootNode(), d = h.findIndex((f) => f === y.activeElement), m = r ? "ArrowLeft" : "ArrowRight", g = r ? "ArrowRight" : "ArrowLeft";
    if (u.key === m) a(d + 1);
    else if (u.key === g) a(d - 1);
    else if (u.key === "Home") a(0);
    else if (u.key === "End") a(h.length - 1);
    else return;
    u.preventDefault();
  }, p = (u) => {
    t.scrollLeft = 0;
    const h = s.slideNodes().findIndex((d) => d.contains(u.target));
    if (h < 0 || s.slidesInView().includes(h)) return;
    const y = s.internalEngine().slideRegistry.findIndex((d) => d.includes(h));
    y >= 0 && s.scrollTo(y, n);
  };
  return t.addEventListener("keydown", l), t.addEventListener("focusin", p), {
    prev: () => s.scrollPrev(n),
    next: () => s.scrollNext(n),
    refresh: () => s.reInit(),
    destroy: () => {
      t.removeEventListener("keydown", l), t.removeEventListener("focusin", p), s.destroy();
    }
  };
}
class ie extends Error {
  status;
  /** Seconds after which the server asks to be tried again. */
  retryAfter;
  constructor(e, r, n) {
    super(e), this.name = "ApiError", this.status = r, this.retryAfter = n;
  }
}
async function Xt(t) {
  let e = `the API answered ${t.status}`;
  try {
    const n = await t.json();
    typeof n.detail == "string" ? e = n.detail : typeof n.title == "string" && (e = n.title);
  } catch {
  }
  const r = Number(t.headers.get("Retry-After") ?? NaN);
  return new ie(e, t.status, Number.isFinite(r) ? r : void 0);
}
function De(t, e) {
  return t.replace(/\/+$/, "") + "/" + e;
}
function Ne(t) {
  return t ? { "X-API-Key": t } : {};
}
function et(t) {
  return t.list && t.list !== "recommend" ? t.list : !t.list && t.itemId ? "similar-items" : t.fallback && !t.userId && !t.sessionItems?.length ? "popular" : "recommend";
}
function tt(t) {
  const e = (t.sessionItems?.length ?? 0) > 0;
  switch (et(t)) {
    case "recommend":
      return !!t.userId || e;
    case "similar-items":
      return !!t.itemId;
    case "bought-together":
      return !!t.itemId || e;
    default:
      return !0;
  }
}
function rt(t) {
  const e = et(t), r = st(t.filters);
  if (e === "recommend" && (r || t.sessionItems?.length)) return Yt(t);
  const n = new URLSearchParams();
  if (e === "recommend" && (n.set("user_id", t.userId), t.fallback && n.set("fallback", "true"), t.explain && n.set("explain", "true")), e === "similar-items" && n.set("item_id", t.itemId), e === "bought-together")
    for (const i of t.itemId ? [t.itemId] : t.sessionItems) n.append("item_id", i);
  return n.set("k", String(t.count)), r && Zt(t.filters, n), nt(t, { method: "GET", headers: Ne(t.apiKey) }, De(t.apiUrl, `${e}?${n}`));
}
function Yt(t) {
  const e = {
    ...t.userId ? { user_id: t.userId } : {},
    ...t.sessionItems?.length ? { session: t.sessionItems } : {},
    ...st(t.filters) ? { filter: it(t.filters) } : {},
    k: t.count,
    fallback: t.fallback,
    explain: t.explain
  }, r = { "Content-Type": "application/json", ...Ne(t.apiKey) };
  return nt(t, { method: "POST", headers: r, body: JSON.stringify(e) }, De(t.apiUrl, "recommend"));
}
function nt(t, e, r) {
  return { url: r, init: e, key: [e.method, r, e.body ?? "", t.apiKey ?? ""].join(`
`) };
}
function st(t) {
  return t ? Object.values(t).some(
    (e) => typeof e == "number" ? !0 : Array.isArray(e) ? e.length > 0 : e != null && Object.keys(e).length > 0
  ) : !1;
}
function it(t) {
  return {
    ...t.categories?.length ? { categories: t.categories } : {},
    ...t.brands?.length ? { brands: t.brands } : {},
    ...t.minPrice != null ? { min_price: t.minPrice } : {},
    ...t.maxPrice != null ? { max_price: t.maxPrice } : {},
    ...t.includeItems?.length ? { include_items: t.includeItems } : {},
    ...t.excludeItems?.length ? { exclude_items: t.excludeItems } : {},
    ...t.attributes && Object.keys(t.attributes).length ? { attributes: t.attributes } : {}
  };
}
function Zt(t, e) {
  const { attributes: r, ...n } = it(t);
  for (const [i, s] of Object.entries(n))
    for (const o of Array.isArray(s) ? s : [s]) e.append(i, String(o));
  for (const [i, s] of Object.entries(r ?? {}))
    for (const o of s) e.append(`attr.${i}`, o);
}
class Wt {
  timeout;
  cacheFor;
  cacheSize;
  answers = /* @__PURE__ */ new Map();
  inFlight = /* @__PURE__ */ new Map();
  constructor(e = {}) {
    this.timeout = e.timeout ?? 1e4, this.cacheFor = e.cacheFor ?? 6e4, this.cacheSize = e.cacheSize ?? 50;
  }
  /** fetchList returns the items of a query. An aborted signal rejects with its reason. */
  async fetchList(e, r) {
    r?.throwIfAborted();
    const n = rt(e), i = this.answers.get(n.key);
    if (i && Date.now() - i.at < this.cacheFor) return i.items;
    const s = this.inFlight.get(n.key) ?? this.start(n);
    return s.waiting++, new Promise((o, c) => {
      const a = () => {
        --s.waiting === 0 && (this.inFlight.get(n.key) === s && this.inFlight.delete(n.key), s.controller.abort()), c(r.reason);
      };
      r?.addEventListener("abort", a, { once: !0 }), s.promise.then(o, c).finally(() => r?.removeEventListener("abort", a));
    });
  }
  /** forget drops all answers, so that the next lists are fresh: after a purchase, say. */
  forget() {
    this.answers.clear();
  }
  start(e) {
    const r = new AbortController(), i = { promise: this.send(e, r).finally(() => {
      this.inFlight.get(e.key)?.controller === r && this.inFlight.delete(e.key);
    }), controller: r, waiting: 0 };
    return this.inFlight.set(e.key, i), i;
  }
  async send(e, r) {
    let n = !1;
    const i = setTimeout(() => {
      n = !0, r.abort();
    }, this.timeout);
    try {
      const s = await fetch(e.url, { ...e.init, signal: r.signal });
      if (!s.ok) throw await Xt(s);
      const o = qt(await s.json());
      return this.remember(e.key, o), o;
    } catch (s) {
      throw s instanceof ie ? s : n ? new ie(`no answer within ${this.timeout} ms`, 0) : new ie(s instanceof Error ? s.message : String(s), 0);
    } finally {
      clearTimeout(i);
    }
  }
  remember(e, r) {
    if (!(this.cacheFor <= 0)) {
      this.answers.delete(e), this.answers.set(e, { items: r, at: Date.now() });
      for (const n of this.answers.keys()) {
        if (this.answers.size <= this.cacheSize) break;
        this.answers.delete(n);
      }
    }
  }
}
function qt(t) {
  const e = t, r = e?.recommendations ?? e?.similar_items ?? e?.items;
  if (!Array.isArray(r)) throw new ie("the answer holds no list of items: is apiUrl the recommendation API?", 0);
  return r.map((n) => Oe(n));
}
function Oe(t) {
  return t.img_url == null && t.image_url != null ? { ...t, img_url: t.image_url } : t;
}
let er;
function Je() {
  return er ??= new Wt();
}
const Qe = 0.5, tr = 1e3;
class rr {
  constructor(e) {
    this.seen = e, !(typeof IntersectionObserver > "u") && (this.observer = new IntersectionObserver((r) => r.forEach((n) => this.change(n)), { threshold: Qe }));
  }
  seen;
  observer;
  ids = /* @__PURE__ */ new Map();
  timers = /* @__PURE__ */ new Map();
  told = /* @__PURE__ */ new Set();
  observe(e, r) {
    !this.observer || this.told.has(r) || this.ids.get(e) === r || (this.ids.set(e, r), this.observer.observe(e));
  }
  /** reset forgets the cards, but not what was told. */
  reset() {
    this.observer?.disconnect(), this.timers.forEach(clearTimeout), this.timers.clear(), this.ids.clear();
  }
  change(e) {
    const r = e.isIntersecting && e.intersectionRatio >= Qe;
    clearTimeout(this.timers.get(e.target)), this.timers.delete(e.target), r && this.timers.set(e.target, setTimeout(() => this.tell(e.target), tr));
  }
  tell(e) {
    const r = this.ids.get(e);
    this.observer?.unobserve(e), this.timers.delete(e), !(r === void 0 || this.told.has(r)) && (this.told.add(r), this.seen(r));
  }
}
const nr = { status: "loading", items: [] };
class sr {
  constructor(e) {
    this.client = e;
  }
  client;
  state = nr;
  subscribers = /* @__PURE__ */ new Set();
  controller;
  last;
  subscribe = (e) => (this.subscribers.add(e), () => this.subscribers.delete(e));
  snapshot = () => this.state;
  /** load asks the API, and then details for more about each item. */
  async load(e, r) {
    if (this.stop(), !tt(e))
      return this.last = void 0, this.set({ status: "empty", items: [] });
    const n = this.controller = new AbortController(), i = this.last && this.last.query.userId === e.userId && this.last.query.itemId === e.itemId;
    this.last = { query: e, details: r }, this.set({ status: "loading", items: i ? this.state.items : [] });
    try {
      let s = await this.client.fetchList(e, n.signal);
      if (r && s.length > 0 && (s = await or(s, r)), n.signal.aborted) return;
      this.set({ status: s.length > 0 ? "ready" : "empty", items: s });
    } catch (s) {
      if (n.signal.aborted) return;
      this.set({ status: "error", items: [], error: s instanceof Error ? s : new ie(String(s), 0) });
    }
  }
  /** show shows items without asking the API. */
  show(e) {
    this.stop(), this.last = void 0, this.set({ status: e.length > 0 ? "ready" : "empty", items: e.map(Oe) });
  }
  /** retry repeats the last load. */
  retry() {
    this.last && this.load(this.last.query, this.last.details);
  }
  /** stop aborts what is under way; the state stays. */
  stop() {
    this.controller?.abort(), this.controller = void 0;
  }
  set(e) {
    this.state = e;
    for (const r of this.subscribers) r();
  }
}
function ir(t) {
  return tt(t) ? rt(t).key : "";
}
async function or(t, e) {
  let r;
  try {
    r = await e(t.map((i) => i.item_id));
  } catch (i) {
    return console.warn("recsys-lite-widget: fetchItemDetails failed, items are shown without its details:", i), t;
  }
  const n = new Map(
    Array.isArray(r) ? r.map((i) => [i.item_id ?? i.id ?? "", i]) : Object.entries(r ?? {})
  );
  return t.map((i) => Oe({ ...i, ...n.get(i.item_id), item_id: i.item_id }));
}
const Xe = {
  previous: "Show previous items",
  next: "Show more items",
  loading: "Loading recommendations",
  empty: "Nothing to recommend yet.",
  error: "Recommendations could not be loaded.",
  retry: "Try again",
  position: (t, e) => `${t} of ${e}`,
  untitled: (t) => `Item ${t}`
}, Ye = /* @__PURE__ */ new Map();
function ar(t, e) {
  if (t == null || !Number.isFinite(t)) return "";
  const r = `${e.locale ?? ""}
${e.currency ?? ""}`;
  let n = Ye.get(r);
  if (!n) {
    const i = e.currency ? { style: "currency", currency: e.currency } : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
    Ye.set(r, n = new Intl.NumberFormat(e.locale, i));
  }
  return n.format(t);
}
function cr(t, e) {
  return t.title || e.untitled(t.item_id);
}
function lr(t) {
  return ((t.title || t.item_id).match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, 2).map((r) => [...r][0].toUpperCase()).join("");
}
function ur(t) {
  let e = 0;
  for (const r of t) e = e * 31 + r.codePointAt(0) >>> 0;
  return e % 360;
}
function dr(t, e) {
  return t.replaceAll("{item_id}", encodeURIComponent(e.item_id));
}
const Ie = 500, fr = 4;
class hr {
  queue = [];
  timer;
  attempts = 0;
  url;
  wait;
  batch;
  apiKey;
  constructor(e) {
    this.url = De(e.apiUrl, "events"), this.apiKey = e.apiKey, this.wait = e.wait ?? 2e3, this.batch = e.batch ?? 20, typeof document < "u" && (document.addEventListener("visibilitychange", this.leave), window.addEventListener("pagehide", this.leave));
  }
  /** report queues an event; urgent ones (a click that leaves the page) go at once. */
  report(e, r = !1) {
    this.queue.push({ ts: Math.floor(Date.now() / 1e3), ...e }), this.queue.length > Ie && this.queue.splice(0, this.queue.length - Ie), r || this.queue.length >= this.batch ? this.flush() : this.timer ??= setTimeout(() => {
      this.flush();
    }, this.wait);
  }
  /** flush sends what is queued; it never rejects. */
  async flush() {
    const e = this.take();
    if (e.length === 0) return;
    let r = !1;
    try {
      const n = await fetch(this.url, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...Ne(this.apiKey) },
        body: JSON.stringify({ events: e }),
        keepalive: !0
        // outlives the page
      });
      r = n.status === 429 || n.status >= 500;
    } catch {
      r = !0;
    }
    if (!r) {
      this.attempts = 0;
      return;
    }
    ++this.attempts >= fr || (this.queue = [...e, ...this.queue].slice(-Ie), this.timer ??= setTimeout(() => {
      this.flush();
    }, this.wait * 2 ** this.attempts));
  }
  /** dispose sends the rest and lets go of the page. */
  dispose() {
    typeof document < "u" && (document.removeEventListener("visibilitychange", this.leave), window.removeEventListener("pagehide", this.leave)), this.flush();
  }
  take() {
    clearTimeout(this.timer), this.timer = void 0;
    const e = this.queue;
    return this.queue = [], e;
  }
  leave = () => {
    if (!(document.visibilityState !== "hidden" || this.queue.length === 0)) {
      if (!this.apiKey && typeof navigator.sendBeacon == "function") {
        const e = this.take(), r = new Blob([JSON.stringify({ events: e })], { type: "application/json" });
        if (navigator.sendBeacon(this.url, r)) return;
        this.queue = e;
      }
      this.flush();
    }
  };
}
const Ae = /* @__PURE__ */ new Map();
function pr(t) {
  const e = `${t.apiUrl}
${t.apiKey ?? ""}`;
  let r = Ae.get(e);
  r || Ae.set(e, r = { reporter: new hr(t), users: 0 });
  const { reporter: n } = r;
  r.users++;
  let i = !1;
  return {
    reporter: n,
    release: () => {
      i || --r.users > 0 || (i = !0, Ae.delete(e), n.dispose());
    }
  };
}
const ot = ":where(.rsl){--r-text: var(--rsl-text, #1b1a17);--r-muted: var(--rsl-muted, #67645c);--r-surface: var(--rsl-surface, #fff);--r-line: var(--rsl-line, #e4e1d9);--r-accent: var(--rsl-accent, #1f5f4a);--r-on-accent: var(--rsl-on-accent, #fff);--r-shade: var(--rsl-shade, #f1efe9);--r-shimmer: var(--rsl-shimmer, #faf9f6);--r-danger: var(--rsl-danger, #a3271f);--r-radius: var(--rsl-radius, 14px);--r-gap: var(--rsl-gap, 16px);--r-per-view: var(--rsl-per-view, 2.2);--r-ratio: var(--rsl-ratio, 1 / 1);--r-font: var(--rsl-font, inherit);color-scheme:light}@media(prefers-color-scheme:dark){:where(.rsl:not([data-theme=light])){--r-text: var(--rsl-text, #f0eee8);--r-muted: var(--rsl-muted, #a8a49a);--r-surface: var(--rsl-surface, #1e1d1a);--r-line: var(--rsl-line, #37352f);--r-accent: var(--rsl-accent, #7fd1b0);--r-on-accent: var(--rsl-on-accent, #0f1d17);--r-shade: var(--rsl-shade, #2a2925);--r-shimmer: var(--rsl-shimmer, #35332e);--r-danger: var(--rsl-danger, #ff9c92);color-scheme:dark}}:where(.rsl[data-theme=dark],.dark .rsl:not([data-theme=light])){--r-text: var(--rsl-text, #f0eee8);--r-muted: var(--rsl-muted, #a8a49a);--r-surface: var(--rsl-surface, #1e1d1a);--r-line: var(--rsl-line, #37352f);--r-accent: var(--rsl-accent, #7fd1b0);--r-on-accent: var(--rsl-on-accent, #0f1d17);--r-shade: var(--rsl-shade, #2a2925);--r-shimmer: var(--rsl-shimmer, #35332e);--r-danger: var(--rsl-danger, #ff9c92);color-scheme:dark}.rsl{container-type:inline-size;box-sizing:border-box;color:var(--r-text);font-family:var(--r-font);font-size:1rem;line-height:1.4;text-align:start}.rsl *,.rsl *:before,.rsl *:after{box-sizing:border-box}:where(.rsl) .rsl-head{display:flex;align-items:center;justify-content:space-between;gap:12px;min-height:44px;margin-bottom:12px}:where(.rsl) .rsl-title{margin:0;font-size:1.375rem;font-weight:650;letter-spacing:-.01em;line-height:1.2;text-wrap:balance}:where(.rsl) .rsl-arrows{display:flex;flex:none;gap:8px}:where(.rsl) .rsl-arrow{display:grid;place-items:center;width:44px;height:44px;padding:0;border:1px solid var(--r-line);border-radius:50%;background:var(--r-surface);color:inherit;cursor:pointer;transition:border-color .15s,opacity .15s}:where(.rsl) .rsl-arrow:hover:not([aria-disabled=true]){border-color:currentColor}:where(.rsl) .rsl-arrow[aria-disabled=true]{opacity:.35;cursor:default}:where(.rsl) .rsl-arrow svg{width:20px;height:20px}:where(.rsl):dir(rtl) .rsl-arrow svg{transform:scaleX(-1)}:where(.rsl) .rsl-body{display:grid}:where(.rsl) .rsl-viewport,:where(.rsl) .rsl-message{grid-area:1 / 1;min-width:0}:where(.rsl) .rsl-viewport{overflow:hidden;border-radius:var(--r-radius);margin:-4px;padding:4px}:where(.rsl) .rsl-track{display:flex;gap:var(--r-gap);margin:0;padding:0;touch-action:pan-y pinch-zoom}:where(.rsl) .rsl-slide{flex:0 0 calc((100% - (var(--r-per-view) - 1) * var(--r-gap)) / var(--r-per-view));min-width:0;display:flex}@container (min-width: 520px){:where(.rsl-body){--r-per-view: var(--rsl-per-view, 3)}}@container (min-width: 760px){:where(.rsl-body){--r-per-view: var(--rsl-per-view, 4)}}@container (min-width: 1040px){:where(.rsl-body){--r-per-view: var(--rsl-per-view, 5)}}@container (min-width: 1400px){:where(.rsl-body){--r-per-view: var(--rsl-per-view, 6)}}:where(.rsl) .rsl-card{display:flex;flex:1;flex-direction:column;min-width:0;padding:0;overflow:hidden;border:1px solid var(--r-line);border-radius:var(--r-radius);background:var(--r-surface);color:inherit;font:inherit;text-align:start;text-decoration:none;transition:border-color .15s,box-shadow .15s}:where(.rsl) a.rsl-card,:where(.rsl) button.rsl-card{cursor:pointer;-webkit-tap-highlight-color:transparent}:where(.rsl) a.rsl-card:hover,:where(.rsl) button.rsl-card:hover{border-color:color-mix(in srgb,var(--r-text) 35%,var(--r-line));box-shadow:0 6px 20px -8px #0000002e}:where(.rsl) :is(.rsl-card,.rsl-arrow,.rsl-button,.rsl-viewport):focus-visible{outline:2px solid var(--r-accent);outline-offset:2px}:where(.rsl) .rsl-media{position:relative;display:block;aspect-ratio:var(--r-ratio);background:var(--r-shade);overflow:hidden}:where(.rsl) .rsl-media img{position:absolute;inset:0;width:100%;height:100%;object-fit:cover}:where(.rsl) .rsl-initials{position:absolute;inset:0;display:grid;place-items:center;background:hsl(var(--rsl-hue) 32% 88%);color:hsl(var(--rsl-hue) 45% 25%);font-size:2rem;font-weight:600;letter-spacing:.04em}:where(.rsl) .rsl-text{display:flex;flex:1;flex-direction:column;gap:4px;padding:12px 14px 14px}:where(.rsl) .rsl-name{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;line-clamp:2;min-height:2.7em;overflow:hidden;font-size:.9375rem;font-weight:500;line-height:1.35;overflow-wrap:anywhere}:where(.rsl) .rsl-meta{min-height:1.4em;overflow:hidden;color:var(--r-muted);font-size:.8125rem;text-overflow:ellipsis;white-space:nowrap}:where(.rsl) .rsl-price{min-height:1.4em;margin-top:auto;font-size:.9375rem;font-variant-numeric:tabular-nums;font-weight:650}:where(.rsl) .rsl-why{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;line-clamp:3;min-height:calc(4.05em + 9px);overflow:hidden;margin-top:4px;padding-top:8px;border-top:1px solid var(--r-line);color:var(--r-muted);font-size:.8125rem;line-height:1.35}:where(.rsl) .rsl-refreshing .rsl-track{opacity:.55}:where(.rsl) .rsl-bone{display:block;border-radius:6px;background:linear-gradient(100deg,var(--r-shade) 40%,var(--r-shimmer) 50%,var(--r-shade) 60%) 0 0 / 300% 100%;animation:rsl-shimmer 1.6s linear infinite}:where(.rsl) .rsl-media.rsl-bone{border-radius:0}:where(.rsl) .rsl-bone-line{height:.9em;margin:.2em 0}@keyframes rsl-shimmer{0%{background-position:100% 0}to{background-position:-50% 0}}:where(.rsl) .rsl-message{z-index:1;display:flex;flex-direction:column;align-items:center;justify-content:center;gap:14px;padding:24px;border:1px dashed var(--r-line);border-radius:var(--r-radius);color:var(--r-muted);text-align:center}:where(.rsl) .rsl-message p{margin:0;max-width:40ch}:where(.rsl) .rsl-message-error p{color:var(--r-danger)}:where(.rsl) .rsl-hidden{visibility:hidden}:where(.rsl) .rsl-hidden .rsl-bone{animation:none}.rsl-button{min-height:44px;padding:0 20px;border:1px solid var(--r-accent, #1f5f4a);border-radius:999px;background:var(--r-accent, #1f5f4a);color:var(--r-on-accent, #fff);font:inherit;font-weight:600;cursor:pointer}.rsl-button-outline{background:transparent;color:var(--r-accent, #1f5f4a)}.rsl-sr{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}@media(prefers-reduced-motion:reduce){.rsl *,.rsl *:before{animation:none!important;transition:none!important}}";
function k(t, e = {}, ...r) {
  const n = document.createElement(t);
  for (const [i, s] of Object.entries(e))
    s === !1 || s == null || n.setAttribute(i, s === !0 ? "" : String(s));
  return n.append(...r.filter((i) => !!i)), n;
}
function mr(t) {
  const e = "http://www.w3.org/2000/svg", r = document.createElementNS(e, "svg"), n = document.createElementNS(e, "path"), i = {
    viewBox: "0 0 20 20",
    fill: "none",
    stroke: "currentColor",
    "stroke-width": "1.75",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
    "aria-hidden": "true"
  };
  for (const [s, o] of Object.entries(i)) r.setAttribute(s, o);
  return n.setAttribute("d", t ? "M12 4.5 6.5 10l5.5 5.5" : "M8 4.5 13.5 10 8 15.5"), r.append(n), r;
}
function gr(t, e) {
  const r = cr(t, e.labels), n = [
    br(t),
    k(
      "span",
      { class: "rsl-text", part: "text" },
      k("span", { class: "rsl-name", part: "name", title: r }, r),
      k("span", { class: "rsl-meta", part: "meta" }, [t.brand, t.category].filter(Boolean).join(" · ")),
      k("span", { class: "rsl-price", part: "price" }, ar(t.price, e.price)),
      e.explain && k("span", { class: "rsl-why", part: "explanation" }, t.explanation ?? "")
    )
  ], i = { class: "rsl-card", part: "card", "data-rsl-card": t.item_id };
  return e.href ? k("a", { ...i, href: dr(e.href, t), draggable: "false" }, ...n) : k("button", { ...i, type: "button" }, ...n);
}
function br(t) {
  const e = k("span", { class: "rsl-media", part: "media" }), r = () => {
    const i = k("span", { class: "rsl-initials", "aria-hidden": "true" }, lr(t));
    i.style.setProperty("--rsl-hue", String(ur(t.item_id))), e.replaceChildren(i);
  };
  if (!t.img_url)
    return r(), e;
  const n = k("img", { alt: "", loading: "lazy", decoding: "async", draggable: "false" });
  return n.addEventListener("error", r, { once: !0 }), n.src = t.img_url, e.append(n), e;
}
function yr(t) {
  const e = (r) => {
    const n = k("span", { class: "rsl-bone rsl-bone-line" });
    return n.style.width = r, n;
  };
  return k(
    "div",
    { class: "rsl-card", part: "skeleton" },
    k("span", { class: "rsl-media rsl-bone" }),
    k(
      "span",
      { class: "rsl-text" },
      k("span", { class: "rsl-name" }, e("90%"), e("60%")),
      k("span", { class: "rsl-meta" }),
      k("span", { class: "rsl-price" }, e("35%")),
      t && k("span", { class: "rsl-why" })
    )
  );
}
const vr = [
  "api-url",
  "user-id",
  "item-id",
  "session-items",
  "list",
  "count",
  "filters",
  "fallback",
  "explain",
  "api-key",
  "title-text",
  "currency",
  "locale",
  "theme",
  "item-href",
  "report-events"
], Ee = ["recommend", "similar-items", "popular", "trending", "bought-together"], wr = typeof HTMLElement > "u" ? class {
} : HTMLElement;
class xr extends wr {
  static observedAttributes = vr;
  list = new sr(Je());
  given;
  details;
  texts = Xe;
  unsubscribe;
  carousel;
  impressions;
  subject = "";
  loadedKey;
  report;
  scheduled = !1;
  root;
  /** Items to show instead of asking the API; undefined asks again. */
  get items() {
    return this.given ?? this.list.snapshot().items;
  }
  set items(e) {
    this.given = e, this.loadedKey = void 0, this.schedule();
  }
  get fetchItemDetails() {
    return this.details;
  }
  set fetchItemDetails(e) {
    this.details = e, this.reload();
  }
  /** The element's own texts; those that are not given stay English. */
  get labels() {
    return this.texts;
  }
  set labels(e) {
    this.texts = { ...Xe, ...e }, this.schedule(!0);
  }
  get filters() {
    return Ir(this.getAttribute("filters"));
  }
  set filters(e) {
    e ? this.setAttribute("filters", JSON.stringify(e)) : this.removeAttribute("filters");
  }
  get sessionItems() {
    return kr(this.getAttribute("session-items"));
  }
  set sessionItems(e) {
    e.length > 0 ? this.setAttribute("session-items", JSON.stringify(e)) : this.removeAttribute("session-items");
  }
  /** Asks the API again; with fresh, past the page's short-lived cache. */
  reload(e = !1) {
    e && Je().forget(), this.loadedKey = void 0, this.schedule();
  }
  connectedCallback() {
    this.shadowRoot || this.build(), this.unsubscribe = this.list.subscribe(() => this.render()), this.loadedKey = void 0, this.schedule();
  }
  disconnectedCallback() {
    this.unsubscribe?.(), this.list.stop(), this.carousel?.destroy(), this.carousel = void 0, this.impressions?.reset(), this.impressions = void 0, this.report?.release(), this.report = void 0;
  }
  attributeChangedCallback() {
    this.isConnected && this.schedule(!0);
  }
  query() {
    const e = (i) => this.getAttribute(i) || void 0, r = e("list");
    r !== void 0 && !Ee.includes(r) && console.error(`recsys-carousel: list="${r}" is not one of ${Ee.join(", ")}`);
    const n = Number(e("count") ?? 10);
    return {
      apiUrl: this.getAttribute("api-url") ?? "",
      userId: e("user-id"),
      itemId: e("item-id"),
      sessionItems: this.sessionItems,
      list: r !== void 0 && Ee.includes(r) ? r : void 0,
      count: Number.isInteger(n) && n > 0 ? n : 10,
      filters: this.filters,
      fallback: this.getAttribute("fallback") !== "false",
      explain: this.flag("explain"),
      apiKey: e("api-key")
    };
  }
  flag(e) {
    return this.hasAttribute(e) && this.getAttribute(e) !== "false";
  }
  // Several attributes usually change together; one update serves them all.
  schedule(e = !1) {
    this.redraw ||= e, !(this.scheduled || !this.isConnected) && (this.scheduled = !0, queueMicrotask(() => {
      this.scheduled = !1, this.isConnected && this.update();
    }));
  }
  redraw = !1;
  update() {
    const e = this.query(), r = `${e.list ?? ""} ${e.userId ?? ""} ${e.itemId ?? ""}`;
    (r !== this.subject || !this.impressions) && (this.subject = r, this.impressions?.reset(), this.impressions = new rr((i) => this.seen(i))), this.connectReporter(e);
    const n = this.given ? "given" : ir(e);
    n !== this.loadedKey ? (this.loadedKey = n, this.given ? this.list.show(this.given) : this.list.load(e, this.details)) : this.redraw && this.render(), this.redraw = !1;
  }
  connectReporter(e) {
    const r = this.flag("report-events") && !!e.userId, n = r ? `${e.apiUrl}
${e.apiKey ?? ""}` : "";
    n !== (this.report?.key ?? "") && (this.report?.release(), this.report = r ? { ...pr({ apiUrl: e.apiUrl, apiKey: e.apiKey }), key: n } : void 0);
  }
  build() {
    const e = this.attachShadow({ mode: "open", delegatesFocus: !1 });
    "adoptedStyleSheets" in e && typeof CSSStyleSheet.prototype.replaceSync == "function" ? e.adoptedStyleSheets = [Sr()] : e.append(k("style", {}, ot)), this.root = k(
      "section",
      { class: "rsl", part: "root", "aria-roledescription": "carousel", "aria-labelledby": "title" },
      k(
        "div",
        { class: "rsl-head", part: "head" },
        k("h2", { class: "rsl-title", part: "title", id: "title" }),
        k("div", { class: "rsl-arrows", part: "arrows", hidden: !0 }, this.arrow(!0), this.arrow(!1))
      ),
      k(
        "div",
        { class: "rsl-body", part: "body" },
        k("div", { class: "rsl-viewport", part: "viewport" }, k("div", { class: "rsl-track", part: "track", id: "track" }))
      ),
      k("span", { class: "rsl-sr", role: "status" })
    ), this.root.addEventListener("click", this.onClick), e.append(this.root);
  }
  arrow(e) {
    const r = k("button", { type: "button", class: "rsl-arrow", part: "arrow", "aria-controls": "track", "data-back": e }, mr(e));
    return r.addEventListener("click", () => {
      r.getAttribute("aria-disabled") !== "true" && this.carousel?.[e ? "prev" : "next"]();
    }), r;
  }
  one(e) {
    return this.root.querySelector(e);
  }
  render() {
    const e = this.root;
    if (!e) return;
    const { status: r, items: n, error: i } = this.list.snapshot(), s = this.texts;
    e.dataset.status = r, e.setAttribute("aria-busy", String(r === "loading"));
    const o = this.getAttribute("theme");
    o ? e.dataset.theme = o : delete e.dataset.theme, this.one("#title").textContent = this.getAttribute("title-text") ?? "Recommended For You";
    for (const c of e.querySelectorAll(".rsl-arrow"))
      c.setAttribute("aria-label", c.hasAttribute("data-back") ? s.previous : s.next);
    this.one("[role=status]").textContent = r === "loading" ? s.loading : "", this.renderMessage(r, s), this.renderTrack(r, n, s), r === "ready" && this.emit("recsys-load", { items: n }), r === "error" && this.emit("recsys-error", { error: i });
  }
  renderTrack(e, r, n) {
    const i = this.one(".rsl-viewport"), s = this.one(".rsl-track");
    i.classList.toggle("rsl-refreshing", e === "loading" && r.length > 0), s.classList.toggle("rsl-hidden", r.length === 0 && e !== "loading");
    const o = this.flag("explain"), c = {
      labels: n,
      explain: o,
      href: this.getAttribute("item-href"),
      price: { currency: this.getAttribute("currency") || void 0, locale: this.getAttribute("locale") || void 0 }
    }, a = this.shadowRoot.activeElement?.dataset.rslCard;
    if (r.length > 0) {
      s.removeAttribute("aria-hidden"), s.replaceChildren(...r.map((p, u) => k(
        "div",
        { class: "rsl-slide", part: "slide", role: "group", "aria-roledescription": "slide", "aria-label": n.position(u + 1, r.length) },
        gr(p, c)
      ))), this.carousel ??= Qt(i, (p) => this.showEdges(p)), this.carousel.refresh(), this.impressions?.reset();
      for (const p of s.querySelectorAll("[data-rsl-card]"))
        this.impressions?.observe(p, p.dataset.rslCard), p.dataset.rslCard === a && p.focus({ preventScroll: !0 });
      return;
    }
    this.carousel?.destroy(), this.carousel = void 0, this.showEdges({ canPrev: !1, canNext: !1 }), s.setAttribute("aria-hidden", "true");
    const l = Math.min(this.query().count, 6);
    s.replaceChildren(...Array.from({ length: l }, () => k("div", { class: "rsl-slide" }, yr(o))));
  }
  renderMessage(e, r) {
    if (this.root.querySelector(".rsl-message")?.remove(), e !== "error" && e !== "empty") return;
    const n = e === "error", i = k(
      "div",
      { class: n ? "rsl-message rsl-message-error" : "rsl-message", part: "message", role: n && "alert" },
      k("p", {}, n ? r.error : r.empty)
    );
    if (n) {
      const s = k("button", { type: "button", class: "rsl-button", part: "button" }, r.retry);
      s.addEventListener("click", () => this.list.retry()), i.append(s);
    }
    this.one(".rsl-body").append(i);
  }
  showEdges(e) {
    this.one(".rsl-arrows").hidden = !e.canPrev && !e.canNext;
    for (const r of this.root.querySelectorAll(".rsl-arrow"))
      r.setAttribute("aria-disabled", String(r.hasAttribute("data-back") ? !e.canPrev : !e.canNext));
  }
  find(e) {
    const r = this.list.snapshot().items, n = r.findIndex((i) => i.item_id === e);
    return n < 0 ? void 0 : { item: r[n], position: n };
  }
  onClick = (e) => {
    const r = e.target.closest("[data-rsl-card]"), n = r && this.find(r.dataset.rslCard);
    n && (this.send(n.item, "click", !0), this.emit("recsys-click", n) || e.preventDefault());
  };
  seen(e) {
    const r = this.find(e);
    r && (this.send(r.item, "impression", !1), this.emit("recsys-impression", r));
  }
  send(e, r, n) {
    const i = this.getAttribute("user-id");
    i && this.report?.reporter.report({ user_id: i, item_id: e.item_id, event_type: r }, n);
  }
  emit(e, r) {
    return this.dispatchEvent(new CustomEvent(e, { detail: r, bubbles: !0, composed: !0, cancelable: e === "recsys-click" }));
  }
}
let be;
function Sr() {
  return be || (be = new CSSStyleSheet(), be.replaceSync(ot)), be;
}
function kr(t) {
  if (!t) return [];
  if (t.trimStart().startsWith("["))
    try {
      return JSON.parse(t).map(String);
    } catch {
      return console.error(`recsys-carousel: session-items is not a JSON array: ${t}`), [];
    }
  return t.split(",").map((e) => e.trim()).filter(Boolean);
}
function Ir(t) {
  if (t)
    try {
      return JSON.parse(t);
    } catch {
      return console.error(`recsys-carousel: filters is not JSON: ${t}`), { includeItems: [""] };
    }
}
const Ar = "recsys-carousel";
function Er(t = Ar) {
  typeof customElements < "u" && !customElements.get(t) && customElements.define(t, xr);
}
Er();
export {
  xr as RecsysCarousel,
  Er as define,
  Ar as tagName
};
