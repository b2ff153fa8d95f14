package shop

import (
	"fmt"
	"hash/fnv"
	"net/url"
	"strings"
)

// ImagePath is where the shop serves an item's picture.
func ImagePath(itemID string) string { return "/art/" + url.PathEscape(itemID) + ".svg" }

// palette is a ground and four tones.
type palette struct{ ground, light, main, dark, accent string }

// palettes of the colours that titles name.
var palettes = map[string]palette{
	"red":         {"#f6e3de", "#fbf1ec", "#c8443a", "#7c2723", "#e9b44c"},
	"pink":        {"#f9e4e8", "#fdf3f4", "#e07f98", "#98405a", "#f3c06b"},
	"blue":        {"#dfe8f1", "#f0f5f9", "#4a7fb5", "#26456b", "#f0b860"},
	"turquoise":   {"#d9eeec", "#eef8f7", "#3fa7a0", "#1d5c5a", "#f2a65a"},
	"green":       {"#e2ecdc", "#f2f7ee", "#6a9a58", "#365a31", "#e8b34f"},
	"white":       {"#e9e6df", "#ffffff", "#f7f4ee", "#9a9284", "#c79a7b"},
	"cream":       {"#ece2cf", "#fffaf0", "#f3e6c8", "#a08a5f", "#c97f5f"},
	"black":       {"#e4e2df", "#f3f2f0", "#3b3a3c", "#1d1c1e", "#c79a4b"},
	"grey":        {"#e3e6e8", "#f5f7f8", "#8d99a3", "#4f5a63", "#d9a25f"},
	"silver":      {"#e6e9ee", "#fafbfc", "#a9b3c1", "#5c6675", "#8fb4d9"},
	"gold":        {"#f3e9d2", "#fdf7e8", "#cfa243", "#7f5f1e", "#b4513f"},
	"purple":      {"#ebe3f1", "#f6f1f9", "#8f6bb0", "#523a6d", "#e7b25c"},
	"yellow":      {"#f8efcf", "#fdf9ea", "#e8bd3e", "#8d6c16", "#d4643f"},
	"orange":      {"#f8e5d3", "#fdf3ea", "#dd8542", "#8a4719", "#5f8f87"},
	"brown":       {"#ecdfd1", "#f8f1e9", "#a4754c", "#5e3f26", "#d9a648"},
	"multicolour": {"#f2ece1", "#fffaf2", "#e2725b", "#3d5a73", "#f2c14e"},
}

// quiet palettes are for titles that name no colour.
var quiet = []palette{
	{"#e6ebe3", "#f6f8f4", "#8aa68a", "#475d48", "#d79b5b"},
	{"#f0e4da", "#fbf5ef", "#c98d6b", "#7b4a31", "#6f9489"},
	{"#e3e7ee", "#f5f7fa", "#7f93b2", "#40506b", "#dca866"},
	{"#eee5e8", "#faf5f7", "#b0808f", "#683f4d", "#d8ad5b"},
	{"#efe9d8", "#fbf8ee", "#bda765", "#6e5d2a", "#a85f4a"},
	{"#dfeaea", "#f3f8f8", "#6fa0a3", "#335a5e", "#e0a15f"},
}

// patterns are tiles of 20 units, drawn over the main tone in the light one.
var patterns = map[string]string{
	"retrospot":   `<circle cx="5" cy="5" r="3.4"/><circle cx="15" cy="15" r="3.4"/>`,
	"hearts":      `<path d="M6 11C-1 6 2 1 4.500 2.500 6 3.500 6 4.500 6 4.500s0-1 1.500-2C10 1 13 6 6 11z"/><path d="M16 20c-7-5-4-10-1.500-8.500 1.500 1 1.500 2 1.500 2s0-1 1.500-2C20 10 23 15 16 20z" opacity=".6"/>`,
	"stars":       `<path d="M6 1l1.500 3.500L11 5 8.500 7.500 9 11 6 9.200 3 11l.5-3.500L1 5l3.500-.5z"/><circle cx="16" cy="15" r="1.600"/>`,
	"stripes":     `<path d="M0 0h5v20H0zM10 0h5v20h-5z"/>`,
	"gingham":     `<path d="M0 0h10v20H0z" opacity=".6"/><path d="M0 0h20v10H0z" opacity=".6"/>`,
	"florals":     `<g><circle cx="6" cy="3.500" r="2.200"/><circle cx="8.500" cy="6" r="2.200"/><circle cx="6" cy="8.500" r="2.200"/><circle cx="3.500" cy="6" r="2.200"/></g><circle cx="16" cy="15" r="1.800"/><path d="M11 18c3-1 3-4 2-5-2 1-3 3-2 5z"/>`,
	"paisley":     `<path d="M4 4c6-3 9 3 5 8-1 2-4 3-6 1 3 0 4-3 2-5-1-1-2-3-1-4z"/><circle cx="15.500" cy="15" r="1.500"/>`,
	"union jack":  `<path d="M0 0l20 20M20 0L0 20" stroke="currentColor" stroke-width="2.500"/><path d="M10 0v20M0 10h20" stroke="currentColor" stroke-width="4"/>`,
	"strawberry":  `<path d="M6 12c-5-4-5-8 0-8s5 4 0 8z"/><path d="M3 4l3-2 3 2z" opacity=".6"/>`,
	"butterflies": `<path d="M6 6C2 0 0 4 1 7c1 2 4 1 5-1zM6 6c4-6 6-2 5 1-1 2-4 1-5-1z"/>`,
	"skulls":      `<path d="M3 6a4 4 0 1 1 7 0v3H8.500V8.500h-1V9h-2v-.5h-1V9H3z"/>`,
	"christmas":   `<path d="M6 2v8M2.500 4l7 4M9.500 4l-7 4" stroke="currentColor" stroke-width="1.400"/><circle cx="16" cy="15" r="1.500"/>`,
	"circus":      `<path d="M0 0l10 10L0 20zM20 0L10 10l10 10z" opacity=".8"/>`,
	"baroque":     `<path d="M10 2c6 4 2 8 0 8s-6-4 0-8zM10 18c-6-4-2-8 0-8s6 4 0 8z"/>`,
	"spaceboy":    `<circle cx="5" cy="5" r="2.500"/><path d="M1 6.500c3 1 6-.5 8-3" stroke="currentColor" stroke-width="1" fill="none"/><circle cx="15" cy="15" r="1.200"/><circle cx="16" cy="5" r=".8"/>`,
}

// Art draws the picture of a product, 400 units square: the same bytes for the same product.
func Art(p Product) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(p.ID)) // never fails
	seed := h.Sum32()
	tones, ok := palettes[p.Colour]
	if !ok {
		tones = quiet[seed%uint32(len(quiet))]
	}
	fill, defs := tones.main, ""
	if tile, ok := patterns[p.Theme]; ok {
		fill = "url(#p)"
		ink := tones.light
		if p.Colour == "white" || p.Colour == "cream" {
			ink = tones.accent
		}
		turn := 0
		if p.Theme == "retrospot" || p.Theme == "hearts" || p.Theme == "florals" {
			turn = 15
		}
		defs = fmt.Sprintf(`<defs><pattern id="p" width="20" height="20" patternUnits="userSpaceOnUse" patternTransform="rotate(%d)">`+
			`<path fill="%s" d="M0 0h20v20H0z"/><g fill="%s" color="%s" opacity=".85">%s</g></pattern></defs>`, turn, tones.main, ink, ink, tile)
	}
	shape := strings.NewReplacer("$p", fill, "$m", tones.main, "$d", tones.dark, "$l", tones.light, "$a", tones.accent).Replace(pictograms[p.pictogram])

	// A disc behind the thing and a shadow below it; where the disc sits depends on the item.
	x, y := 70+seed%61, 62+seed/61%41
	back := fmt.Sprintf(`<circle cx="%d" cy="%d" r="%d" fill="%s" opacity=".75"/>`, x, y, 62+seed/997%18, tones.light)
	things := `<g>` + shape + `</g>`
	if n := several(p); n > 1 {
		// A set is a second piece behind the first.
		things = `<g transform="translate(34 18) scale(.74)" opacity=".55">` + shape + `</g><g transform="translate(-12 14)">` + shape + `</g>`
	}
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200" width="400" height="400">` + defs +
		`<path fill="` + tones.ground + `" d="M0 0h200v200H0z"/>` + back +
		`<ellipse cx="100" cy="166" rx="56" ry="7" fill="` + tones.dark + `" opacity=".16"/>` + things + `</svg>`
}

// several is 2 for sets and packs.
func several(p Product) int {
	if p.words["set"] || p.words["pack"] || p.words["pair"] {
		return 2
	}
	return 1
}
