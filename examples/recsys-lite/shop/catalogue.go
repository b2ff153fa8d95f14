package shop

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// Product is what is derived from a title of the Online Retail data.
type Product struct {
	ID, Title string
	// Price is the text of the file, rounded to pence; empty when unknown.
	Price string
	// Category is empty for what is no product: postage, fees, and ids without a title. Colour,
	// Material and Theme may be empty.
	Category, Colour, Material, Theme string

	pictogram string
	words     map[string]bool
}

// columns of the items file that Write makes.
var columns = []string{"item_id", "title", "category", "brand", "price", "img_url", "available", "colour", "material", "theme"}

// Read derives the products of an items file with the columns item_id, title and price.
func Read(r io.Reader) ([]Product, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("items: %w", err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("items: the file is empty")
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	for _, name := range []string{"item_id", "title", "price"} {
		if _, ok := at[name]; !ok {
			return nil, fmt.Errorf("items: there is no column %s, only %s", name, strings.Join(rows[0], ", "))
		}
	}
	products := make([]Product, 0, len(rows)-1)
	for _, row := range rows[1:] {
		products = append(products, derive(row[at["item_id"]], row[at["title"]], row[at["price"]]))
	}
	return products, nil
}

// Write writes the items file of the demo.
func Write(w io.Writer, products []Product) error {
	out := csv.NewWriter(w)
	_ = out.Write(columns) // the writer keeps its first error for Flush
	for _, p := range products {
		_ = out.Write([]string{p.ID, p.Title, p.Category, "", p.Price, ImagePath(p.ID), strconv.FormatBool(p.Category != ""), p.Colour, p.Material, p.Theme})
	}
	out.Flush()
	return out.Error()
}

// services are the ids of the data that are no things.
var services = map[string]bool{"POST": true, "DOT": true, "M": true, "m": true, "D": true, "S": true, "B": true, "C2": true, "PADS": true, "CRUK": true, "AMAZONFEE": true, "BANK CHARGES": true}

func derive(id, title, price string) Product {
	words := wordsOf(title)
	p := Product{ID: id, Title: titleCase(title), Category: "Home Accents", pictogram: "box", words: map[string]bool{}}
	for _, w := range words {
		p.words[w] = true
	}
	if v, err := strconv.ParseFloat(price, 64); err == nil && v > 0 {
		p.Price = strconv.FormatFloat(math.Round(v*100)/100, 'f', 2, 64)
	}
	if title == "" || services[id] {
		p.Category = ""
		return p
	}
	for _, rule := range products {
		if matches(rule.words, title, p.words) {
			p.pictogram = rule.pictogram
			break
		}
	}
	for _, rule := range products {
		if rule.category != "" && matches(rule.words, title, p.words) {
			p.Category = rule.category
			break
		}
	}
	p.Colour = first(colours, words)
	p.Material = first(materials, words)
	p.Theme = first(themes, words)
	return p
}

// matches looks for one of the words; one with a space may be anywhere in the title.
func matches(rule []string, title string, words map[string]bool) bool {
	for _, w := range rule {
		if words[w] || strings.Contains(w, " ") && strings.Contains(strings.ToLower(title), w) {
			return true
		}
	}
	return false
}

// first returns the value of the first word that has one.
func first(values map[string]string, words []string) string {
	for _, w := range words {
		if v, ok := values[w]; ok {
			return v
		}
	}
	return ""
}

// wordsOf splits a title into words in lower case; a hyphen joins ("t-light").
func wordsOf(title string) []string {
	return strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '\''
	})
}

// small words stay in lower case within a title.
var small = map[string]bool{"of": true, "and": true, "in": true, "with": true, "the": true, "on": true, "for": true, "a": true, "to": true, "or": true, "by": true, "from": true, "at": true}

// capital words keep their capitals.
var capital = map[string]bool{"uk": true, "tv": true, "diy": true, "led": true, "usb": true, "dvd": true, "ii": true, "iii": true}

func titleCase(title string) string {
	fields := strings.Fields(strings.TrimRight(strings.ReplaceAll(title, " ,", ", "), " .,"))
	for i, field := range fields {
		lower := strings.ToLower(field)
		switch {
		case i > 0 && small[lower]:
			fields[i] = lower
		case capital[lower]:
			fields[i] = strings.ToUpper(field)
		default:
			fields[i] = capitalise(lower)
		}
	}
	return strings.Join(fields, " ")
}

// capitalise raises the first letter of a word and of each part behind a hyphen, slash or plus;
// units behind a number ("10cm") stay small.
func capitalise(word string) string {
	up := true
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsDigit(r):
			up = false
		case !unicode.IsLetter(r):
			up = r != '\'' && r != '’'
		case up:
			up = false
			return unicode.ToUpper(r)
		}
		return r
	}, word)
}
