package httpapi

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/recsys-lite/recsys"
)

// setter takes a value. key is the NAME of attr.NAME.
type setter = func(p *params, key, text string) *fault

func malformed(text, format string, args ...any) *fault {
	return &fault{http.StatusUnprocessableEntity, fmt.Sprintf(format, args...), text}
}

func outOfRange(value any, format string, args ...any) *fault {
	return &fault{http.StatusBadRequest, fmt.Sprintf(format, args...), value}
}

func str(at func(*params) *string) setter {
	return func(p *params, _, text string) *fault {
		*at(p) = text
		return nil
	}
}

// maxValues bounds the values of one list.
const maxValues = 1000

// list takes values with commas between them; those of repeated parameters add up. Empty
// ones, as forms send them, are none.
func list(at func(*params) *[]string) setter {
	return func(p *params, _, text string) *fault { return appendList(at(p), text) }
}

func appendList(dst *[]string, text string) *fault {
	for text != "" {
		var one string
		if one, text = cutComma(text); one != "" {
			*dst = append(*dst, one)
		}
	}
	if len(*dst) > maxValues {
		return outOfRange(nil, "it has more than %d values", maxValues)
	}
	return nil
}

// cutComma returns what stands before the first comma that no backslash precedes.
func cutComma(text string) (before, after string) {
	if strings.IndexByte(text, '\\') < 0 {
		before, after, _ = strings.Cut(text, ",")
		return before, after
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && (text[i+1] == ',' || text[i+1] == '\\'):
			i++
			b.WriteByte(text[i])
		case text[i] == ',':
			return b.String(), text[i+1:]
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String(), ""
}

func setAttr(p *params, name, text string) *fault {
	if p.filter.Attributes == nil {
		p.filter.Attributes = make(map[string][]string)
	}
	values := p.filter.Attributes[name]
	f := appendList(&values, text)
	if values != nil {
		p.filter.Attributes[name] = values
	}
	return f
}

// integer takes a whole number, between two limits if they are given.
func integer(at func(*params) *int, limits ...int) setter {
	return func(p *params, _, text string) *fault {
		n, err := strconv.Atoi(text)
		if err != nil {
			return malformed(text, "it must be a whole number")
		}
		if limits != nil && (n < limits[0] || n > limits[1]) {
			return outOfRange(n, "it must be between %d and %d", limits[0], limits[1])
		}
		*at(p) = n
		return nil
	}
}

func truth(at func(*params) *bool) setter {
	return func(p *params, _, text string) *fault {
		switch text {
		case "true", "1":
			*at(p) = true
		case "false", "0":
			*at(p) = false
		default:
			return malformed(text, "it must be true or false")
		}
		return nil
	}
}

func oneOf(set func(*params, string), choices ...string) setter {
	return func(p *params, _, text string) *fault {
		if !slices.Contains(choices, text) {
			return malformed(text, "it must be one of %s", strings.Join(choices, ", "))
		}
		set(p, text)
		return nil
	}
}

func float(text string) (float64, *fault) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || strings.ContainsAny(text, "xXpP_") {
		return 0, malformed(text, "it must be a number")
	}
	return v, nil
}

func price(at func(*params) **float64) setter {
	return func(p *params, _, text string) *fault {
		v, f := float(text)
		if f == nil {
			*at(p) = &v
		}
		return f
	}
}

func share(at func(*params) *float64) setter {
	return func(p *params, _, text string) *fault {
		v, f := float(text)
		if f != nil {
			return f
		}
		if v < 0 || v > 1 {
			return outOfRange(v, "it must be between 0 and 1")
		}
		*at(p) = v
		return nil
	}
}

func seconds(at func(*params) *time.Duration) setter {
	most := int(maxTTL / time.Second)
	return func(p *params, _, text string) *fault {
		n, err := strconv.Atoi(text)
		if err != nil {
			return malformed(text, "it must be a whole number of seconds")
		}
		if n < 0 || n > most {
			return outOfRange(n, "it must be between 0 and %d seconds", most)
		}
		*at(p) = time.Duration(n) * time.Second
		return nil
	}
}

func setHalfLife(p *params, _, text string) *fault {
	const most = 3650
	v, f := float(text)
	if f != nil {
		return f
	}
	if v <= 0 || v > most {
		return outOfRange(v, "it must be above 0 and at most %d days", most)
	}
	p.halfLife = time.Duration(v * float64(24*time.Hour))
	return nil
}

func setRepeats(p *params, _, text string) *fault {
	var repeats bool
	if f := truth(func(*params) *bool { return &repeats })(p, "", text); f != nil {
		return f
	}
	if repeats {
		p.seen = recsys.SeenAllow
	}
	return nil
}

// The schemas of the kinds above.

func text(example string) *huma.Schema {
	most := maxID
	return &huma.Schema{Type: huma.TypeString, MaxLength: &most, Examples: []any{example}}
}

func texts(example string) *huma.Schema {
	most := maxValues
	return &huma.Schema{Type: huma.TypeArray, Items: text(example), MaxItems: &most}
}

func whole(byDefault any, least, most int) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeInteger, Default: byDefault}
	lo := float64(least)
	s.Minimum = &lo
	if most > 0 {
		hi := float64(most)
		s.Maximum = &hi
	}
	return s
}

func number(byDefault any) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber, Default: byDefault}
}

func bounded(byDefault any, lo, hi float64) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber, Default: byDefault, Minimum: &lo, Maximum: &hi}
}

func boolean(byDefault any) *huma.Schema {
	return &huma.Schema{Type: huma.TypeBoolean, Default: byDefault}
}

func choice(byDefault string, choices ...string) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Default: byDefault}
	for _, c := range choices {
		s.Enum = append(s.Enum, c)
	}
	return s
}
