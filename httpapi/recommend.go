package httpapi

import (
	"context"

	"github.com/recsys-lite/recsys"
)

type recommendInput struct {
	UserID   string `query:"user_id" required:"true" maxLength:"1024" doc:"The shop's id of the user" example:"user123"`
	K        int    `query:"k" default:"10" doc:"Number of items, from 1 to the server's maximum"`
	UseFaiss bool   `query:"use_faiss" default:"true" doc:"Let the model's approximate index answer, if it has one; false scans every item"`
	Repeats  bool   `query:"repeats" default:"false" doc:"Also recommend items that the user already has"`
	Fallback string `query:"fallback" enum:"true,false" doc:"Answer for an unknown user with popular items instead of 404; the default is the server's setting"`
}

type recommendOutput struct {
	Body recommendations
}

type recommendations struct {
	UserID          string           `json:"user_id"`
	ModelVersion    string           `json:"model_version" doc:"The model that all of the answer comes from"`
	Recommendations []recommendation `json:"recommendations" doc:"Best first"`
}

type recommendation struct {
	ItemID   string   `json:"item_id"`
	Score    float32  `json:"score" doc:"Compares within one answer"`
	Title    *string  `json:"title"`
	Category *string  `json:"category"`
	Brand    *string  `json:"brand"`
	Price    *float64 `json:"price"`
	ImgURL   *string  `json:"img_url"`
	Source   string   `json:"source" doc:"Where the item comes from: model, fold-in, session or popular"`
}

func (a *API) recommend(ctx context.Context, in *recommendInput) (*recommendOutput, error) {
	if err := a.checkK(in.K); err != nil {
		return nil, err
	}
	request := recsys.Request{UserID: in.UserID, K: in.K, Approximate: in.UseFaiss, Fallback: a.options.Fallback}
	if in.Fallback != "" {
		request.Fallback = in.Fallback == "true"
	}
	if in.Repeats {
		request.Seen = recsys.SeenAllow
	}
	answer, err := a.engine.Recommend(ctx, request)
	if err != nil {
		return nil, a.problem(err)
	}
	tallyOf(ctx).items = len(answer.Items)
	return &recommendOutput{Body: recommendations{
		UserID: in.UserID, ModelVersion: answer.ModelVersion, Recommendations: describe(answer.Items),
	}}, nil
}

type similarInput struct {
	ItemID string `query:"item_id" required:"true" maxLength:"1024" doc:"The shop's id of the item" example:"item456"`
	K      int    `query:"k" default:"10" doc:"Number of items, from 1 to the server's maximum"`
}

type similarOutput struct {
	Body similarItems
}

type similarItems struct {
	ItemID       string           `json:"item_id"`
	ModelVersion string           `json:"model_version" doc:"The model that all of the answer comes from"`
	SimilarItems []recommendation `json:"similar_items" doc:"Most similar first"`
}

func (a *API) similar(ctx context.Context, in *similarInput) (*similarOutput, error) {
	if err := a.checkK(in.K); err != nil {
		return nil, err
	}
	answer, err := a.engine.Similar(ctx, recsys.SimilarRequest{ItemID: in.ItemID, K: in.K})
	if err != nil {
		return nil, a.problem(err)
	}
	tallyOf(ctx).items = len(answer.Items)
	return &similarOutput{Body: similarItems{
		ItemID: in.ItemID, ModelVersion: answer.ModelVersion, SimilarItems: describe(answer.Items),
	}}, nil
}

func describe(items []recsys.Recommendation) []recommendation {
	out := make([]recommendation, len(items))
	for n := range items {
		r := &items[n]
		out[n] = recommendation{
			ItemID: r.Item.ID, Score: r.Score, Source: string(r.Source),
			Title: optional(&r.Item.Title), Category: optional(&r.Item.Category), Brand: optional(&r.Item.Brand),
			Price: r.Item.Price, ImgURL: optional(&r.Item.ImgURL),
		}
	}
	return out
}

// optional makes unknown text a JSON null.
func optional(s *string) *string {
	if *s == "" {
		return nil
	}
	return s
}
