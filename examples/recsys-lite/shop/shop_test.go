package shop_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	onlineretail "github.com/recsys-lite/recsys/examples/data/online-retail"
	"github.com/recsys-lite/recsys/examples/recsys-lite/shop"
)

func products(t *testing.T, items string) []shop.Product {
	p, err := shop.Read(strings.NewReader(items))
	require.NoError(t, err)
	return p
}

func TestDerivation(t *testing.T) {
	for title, want := range map[string]shop.Product{
		"SET OF 3 CAKE TINS PANTRY DESIGN":   {Title: "Set of 3 Cake Tins Pantry Design", Category: "Kitchen & Dining", Material: "metal"},
		"WHITE HANGING HEART T-LIGHT HOLDER": {Title: "White Hanging Heart T-Light Holder", Category: "Candles & Lighting", Colour: "white", Theme: "hearts"},
		"JUMBO BAG RED RETROSPOT":            {Title: "Jumbo Bag Red Retrospot", Category: "Bags & Travel", Colour: "red", Theme: "retrospot"},
		"ALARM CLOCK BAKELIKE PINK":          {Title: "Alarm Clock Bakelike Pink", Category: "Home Accents", Colour: "pink"},
		"CHILDREN'S CUTLERY 10CM UK":         {Title: "Children's Cutlery 10cm UK", Category: "Kitchen & Dining"},
		"LUNCH BAG  BLACK SKULL.":            {Title: "Lunch Bag Black Skull", Category: "Bags & Travel", Colour: "black", Theme: "skulls"},
		"":                                   {},
	} {
		got := products(t, "item_id,title,price\nx,"+title+",1.654999\n")[0]
		require.Equal(t, []string{want.Title, want.Category, want.Colour, want.Material, want.Theme, "1.65"},
			[]string{got.Title, got.Category, got.Colour, got.Material, got.Theme, got.Price}, title)
	}
}

func TestReadRefusesOtherFiles(t *testing.T) {
	for text, want := range map[string]string{"": "empty", "a,b\n1,2\n": "item_id", "item_id,title,price\n1\n": "wrong number of fields"} {
		_, err := shop.Read(strings.NewReader(text))
		require.ErrorContains(t, err, want)
	}
}

func TestEveryProductHasAPicture(t *testing.T) {
	all := products(t, string(onlineretail.Items))
	require.Len(t, all, 4070)
	for _, p := range all {
		art := shop.Art(p)
		require.Equal(t, art, shop.Art(p))
		require.NotContains(t, art, "$", p.Title)
		require.Less(t, len(art), 6000)
		d := xml.NewDecoder(strings.NewReader(art))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else {
				require.NoError(t, err, p.Title)
			}
		}
	}
	var file bytes.Buffer
	require.NoError(t, shop.Write(&file, all))
	require.Contains(t, file.String(), "85123A,White Hanging Heart T-Light Holder,Candles & Lighting,,2.95,/art/85123A.svg,true,white,,hearts\n")
	require.Contains(t, file.String(), "POST,Postage,,,18.00,/art/POST.svg,false,,,\n")
}

func TestHandler(t *testing.T) {
	all := products(t, "item_id,title,price\na/1,RED MUG,2\nb,BLUE BAG,3\n")
	users, err := recsys.NewIDMap([]string{"u"})
	require.NoError(t, err)
	items, err := recsys.NewIDMap([]string{"a/1", "b"})
	require.NoError(t, err)
	x, err := recsys.NewCSR(1, 2, nil)
	require.NoError(t, err)
	api := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "api") })
	h, err := shop.New([]shop.Kind{{Name: "ease"}}, all, recsys.Snapshot{Users: users, Items: items, Interactions: x, Catalogue: make([]recsys.Item, 2)}, api)
	require.NoError(t, err)
	get := func(target string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
		return w
	}
	require.Contains(t, get("/").Header().Get("Content-Security-Policy"), "default-src 'self'")
	require.Contains(t, get("/").Body.String(), "Thistle")
	require.Contains(t, get("/shop/js/main.js").Header().Get("Content-Type"), "javascript")
	require.Contains(t, get("/shop/vendor/recsys-carousel.js").Body.String(), "recsys-carousel")
	require.Equal(t, "image/svg+xml", get("/art/a%2F1.svg").Header().Get("Content-Type"))
	require.Equal(t, 404, get("/art/nothing.svg").Code)
	require.Equal(t, 404, get("/art/b").Code)
	require.Equal(t, "api", get("/recommend?user_id=u").Body.String())
	var about struct{ Categories []shop.Facet }
	require.NoError(t, json.Unmarshal(get("/shop.json").Body.Bytes(), &about))
	require.Equal(t, []shop.Facet{{Value: "Bags & Travel", Count: 1}, {Value: "Kitchen & Dining", Count: 1}}, about.Categories)
}

// Nothing on the page may come from another host.
func TestNoOtherHosts(t *testing.T) {
	for _, name := range []string{"index.html", "shop.css", "js/main.js", "js/api.js", "js/dom.js", "vendor/recsys-carousel.js"} {
		text := string(shop.Asset(t, name))
		for _, allowed := range []string{"http://www.w3.org/"} {
			text = strings.ReplaceAll(text, allowed, "")
		}
		require.NotContains(t, text, "http://", name)
		require.NotContains(t, text, "https://", name)
	}
}
