import { StrictMode, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { RecommendationCarousel, type Recommendation } from '../src';
import '../src/element';
import '../src/style.css';

const names = ['Ceramic travel mug', 'Hanging heart T-light holder', 'Lunch bag with spots', 'Regency cake stand, three tiers', 'Party bunting', 'Set of six spice tins', 'Alarm clock', 'Wooden frame'];

function picture(i: number): string {
  const hue = (i * 47) % 360;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10" fill="hsl(${hue} 45% 88%)"/><circle cx="5" cy="5" r="2.6" fill="hsl(${hue} 40% 45%)"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

const items: Recommendation[] = names.map((title, i) => ({
  item_id: `${i}`, title, score: 1 - i / 10, price: 2.95 + i * 1.7, category: i % 2 ? 'Kitchen' : 'Gifts', brand: null,
  img_url: picture(i), explanation: `Because you bought ${names[(i + 3) % names.length]!.toLowerCase()}.`,
}));

// The states that need an API get one that answers by the user's name.
let attempts = 0;
window.fetch = async (input) => {
  const user = new URL(String(input), location.href).searchParams.get('user_id');
  if (user === 'loading') return new Promise<Response>(() => {});
  if (user === 'error' && attempts++ % 2 === 0) return new Response('{"detail":"no model is loaded"}', { status: 503 });
  return Response.json({ recommendations: user === 'empty' ? [] : items });
};

function State({ name, children, className }: { name: ReactNode; children: ReactNode; className?: string }) {
  return <figure className={className}><figcaption>{name}</figcaption>{children}</figure>;
}

const gbp = { apiUrl: '', currency: 'GBP', locale: 'en-GB' };

function Gallery() {
  return (
    <>
      <h1>Recommendation carousel: all states</h1>
      <State name="Items, as links"><RecommendationCarousel {...gbp} userId="u" itemHref="#{item_id}" /></State>
      <State name="With explanations"><RecommendationCarousel {...gbp} userId="u" explain onItemClick={console.log} title="Picked for you" testRecommendations={items} /></State>
      <State name="Loading"><RecommendationCarousel {...gbp} userId="loading" title="Loading" /></State>
      <State name={<>Error; the first <code>Try again</code> succeeds</>}><RecommendationCarousel {...gbp} userId="error" title="Error" /></State>
      <State name="Empty"><RecommendationCarousel {...gbp} userId="empty" title="Empty" /></State>
      <State name="Missing titles, prices, pictures, and a picture that does not load">
        <RecommendationCarousel {...gbp} title="Sparse catalogue" onItemClick={console.log} testRecommendations={[
          { item_id: '10123C' }, { item_id: 'x', title: 'No price' }, { item_id: 'broken', title: 'Broken picture', price: 3, img_url: 'data:image/png,' },
          { item_id: 'long', title: 'A title that goes on and on, far longer than two lines of a card can hold at any width', price: 1234567.5 },
        ]} />
      </State>
      <State name={<><code>theme="dark"</code></>} className="night"><RecommendationCarousel {...gbp} theme="dark" userId="u" testRecommendations={items} title="Dark" onItemClick={console.log} /></State>
      <State name={<><code>dir="rtl"</code>, Arabic prices</>}><div dir="rtl"><RecommendationCarousel apiUrl="" currency="EGP" locale="ar-EG" testRecommendations={items} title="موصى به لك" onItemClick={console.log} /></div></State>
      <State name="360 px" className="narrow"><RecommendationCarousel {...gbp} testRecommendations={items} onItemClick={console.log} /></State>
      <State name={<>The custom element <code>&lt;recsys-carousel&gt;</code></>}>
        <recsys-carousel api-url="" user-id="u" currency="GBP" locale="en-GB" title-text="Without a framework" item-href="#{item_id}" />
      </State>
    </>
  );
}

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'recsys-carousel': Record<string, string>;
    }
  }
}

createRoot(document.getElementById('root')!).render(<StrictMode><Gallery /></StrictMode>);
