package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/recsys-lite/recsys"
)

// DecodeParams sets the fields of *cfg, a struct with json tags that holds the defaults, from
// params. Names match exactly; an unknown one gives an error that lists the known ones.
func DecodeParams(kind string, params json.RawMessage, cfg any) error {
	if len(bytes.TrimSpace(params)) == 0 {
		return nil
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(params, &given); err != nil || given == nil {
		return fmt.Errorf("%w: %s parameters: want a JSON object such as {\"name\": value}, got %.80q", recsys.ErrInvalidConfig, kind, params)
	}
	fields := paramFields(reflect.ValueOf(cfg).Elem())
	for name, value := range given {
		field, ok := fields[name]
		if !ok {
			known := make([]string, 0, len(fields))
			for n := range fields {
				known = append(known, n)
			}
			slices.Sort(known)
			return fmt.Errorf("%w: %s has no parameter %q; known are %s", recsys.ErrInvalidConfig, kind, name, strings.Join(known, ", "))
		}
		if err := json.Unmarshal(value, field.Addr().Interface()); err != nil || string(value) == "null" {
			return fmt.Errorf("%w: %s parameter %q: %s is not a %s", recsys.ErrInvalidConfig, kind, name, value, field.Type())
		}
	}
	return nil
}

func paramFields(v reflect.Value) map[string]reflect.Value {
	fields := make(map[string]reflect.Value)
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			fields[name] = v.Field(i)
		}
	}
	return fields
}
