package builtin_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/bpr"
	"github.com/recsys-lite/recsys/ease"
	"github.com/recsys-lite/recsys/gru4rec"
	"github.com/recsys-lite/recsys/hybrid"
	"github.com/recsys-lite/recsys/item2vec"
	"github.com/recsys-lite/recsys/itemknn"
	"github.com/recsys-lite/recsys/lightfm"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
	"github.com/recsys-lite/recsys/popularity"
	"github.com/recsys-lite/recsys/sessionknn"
)

// A model that nobody made with New says so, whatever it is asked: a panic, in a goroutine of a
// fit at that, would end the program it is in.
func TestZeroModels(t *testing.T) {
	zero := map[string]model.Model{
		"als": &als.Model{}, "bpr": &bpr.Model{}, "ease": &ease.Model{}, "gru4rec": &gru4rec.Model{}, "hybrid": &hybrid.Model{},
		"item2vec": &item2vec.Model{}, "itemknn": &itemknn.Model{}, "lightfm": &lightfm.Model{}, "popularity": &popularity.Model{},
		"sessionknn": &sessionknn.Model{},
	}
	require.Len(t, zero, len(builtin.Names()))
	given := []reflect.Value{reflect.ValueOf(t.Context()), reflect.ValueOf(shop(t)), reflect.ValueOf(recsys.Query{User: recsys.NoUser, K: 1})}
	for _, name := range builtin.Names() {
		m := reflect.ValueOf(zero[name])
		require.True(t, m.IsValid(), "%s is missing here", name)
		for n := range m.NumMethod() {
			method, is := m.Type().Method(n).Name, m.Method(n).Type()
			args := make([]reflect.Value, is.NumIn())
			for i := range args {
				args[i] = reflect.Zero(is.In(i))
				for _, v := range given {
					if v.Type().AssignableTo(is.In(i)) {
						args[i] = v
					}
				}
			}
			t.Run(name+"."+method, func(t *testing.T) {
				out := m.Method(n).Call(args)
				if len(out) == 0 || is.Out(len(out)-1) != reflect.TypeFor[error]() {
					return
				}
				err, _ := out[len(out)-1].Interface().(error)
				require.ErrorIs(t, err, recsys.ErrInvalidConfig)
				require.EqualError(t, err, name+": invalid configuration: the zero Model has none: make one with "+name+".New")
			})
		}
	}
}
