// Package builtin lists every model kind of this module, for programs that want them all. A
// program that serves one kind passes that kind to model.Open and links nothing else.
package builtin

import (
	"fmt"
	"strings"

	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/bpr"
	"github.com/recsys-lite/recsys/ease"
	"github.com/recsys-lite/recsys/gru4rec"
	"github.com/recsys-lite/recsys/hybrid"
	"github.com/recsys-lite/recsys/item2vec"
	"github.com/recsys-lite/recsys/itemknn"
	"github.com/recsys-lite/recsys/lightfm"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/popularity"
	"github.com/recsys-lite/recsys/sessionknn"
)

// Kinds returns all kinds, in the order in which help lists them.
func Kinds() []model.Kind { return append(plain(), hybrid.Kind(Members()...)) }

// plain are the kinds that are no blend of others.
func plain() []model.Kind {
	return []model.Kind{als.Kind, bpr.Kind, ease.Kind, item2vec.Kind, lightfm.Kind, gru4rec.Kind, itemknn.Kind, sessionknn.Kind, popularity.Kind}
}

// Members are the kinds that hybrid blends. Unless members are named it takes the first two,
// which are strong, quick, and unlike each other.
func Members() []model.Kind {
	out := []model.Kind{ease.Kind, itemknn.Kind}
	for _, k := range plain() {
		if k.Name != ease.Kind.Name && k.Name != itemknn.Kind.Name {
			out = append(out, k)
		}
	}
	return out
}

// Names returns the names of all kinds.
func Names() []string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, k.Name)
	}
	return names
}

// Lookup returns the kind of that name. The error wraps model.ErrUnknownKind and lists the
// known ones.
func Lookup(name string) (model.Kind, error) {
	for _, k := range Kinds() {
		if k.Name == name {
			return k, nil
		}
	}
	return model.Kind{}, fmt.Errorf("%w %q: known are %s", model.ErrUnknownKind, name, strings.Join(Names(), ", "))
}
