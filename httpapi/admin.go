package httpapi

import "github.com/recsys-lite/recsys"

// users answers GET /users: as many as were asked for, spread over all that the model knows.
func (a *API) users(x *exchange) error {
	s, ok := a.engine.Snapshot()
	if !ok {
		return recsys.ErrNoModel
	}
	out := usersAnswer{Users: []userJSON{}}
	n, k := s.Users.Len(), x.params.k
	step := max(1, n/max(k, 1))
	for u := 0; u < n && len(out.Users) < k; u += step {
		id := s.Users.ID(int32(u))
		if events := s.Interactions.RowLen(u); events > 0 && (a.options.Forgotten == nil || !a.options.Forgotten(id)) {
			out.Users = append(out.Users, userJSON{id, events})
		}
	}
	return x.json(out)
}

// models answers GET /models.
func (a *API) models(x *exchange) error {
	if a.options.Models == nil {
		return notFound("this server does not know of other versions")
	}
	all, err := a.options.Models(x.ctx)
	if err != nil {
		return err
	}
	now, _ := a.engine.Snapshot()
	out := modelsAnswer{Models: []ModelVersion{}}
	for _, m := range all {
		m.Serving = m.Version == now.Version
		out.Models = append(out.Models, m)
	}
	return x.json(out)
}
