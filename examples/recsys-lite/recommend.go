package main

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

func newRecommend(s settings) *cobra.Command {
	var r recsys.Request
	dir, history, asJSON, repeats := "", 0, false, false
	cmd := &cobra.Command{
		Use:   "recommend",
		Short: "Recommend items to a user, or for a basket",
		Long: `Rank the items of the model in --model-dir for a user it was fitted on, for the items of a
session or basket, or for a user with both. No database is read. What the user has had is left
out unless --repeats is given. A user that the model does not know is an error unless there
is a --session or --fallback.`,
		Example: `  recsys-lite recommend --model-dir model_artifacts/als --user-id 12347 --history 5
  recsys-lite recommend --session 22423,85123A -k 5`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if r.UserID == "" && len(r.Session) == 0 {
				return usagef("give --user-id, --session or both")
			}
			switch {
			case history < 0:
				return usagef("--history is %d, it must not be negative", history)
			case history > 0 && (r.UserID == "" || asJSON):
				return usagef("--history lists what the user of --user-id had, and not in --json")
			}
			a, err := openModel(dir, s)
			if err != nil {
				return err
			}
			e, err := recsys.NewEngine(a.Snapshot())
			if err != nil {
				return err
			}
			if repeats {
				r.Seen = recsys.SeenAllow
			}
			answer, err := e.Recommend(cmd.Context(), r)
			if err != nil {
				return err
			}
			if asJSON {
				return printAnswer(cmd, answer)
			}
			if history > 0 {
				if err := printHistory(cmd, a, r.UserID, history); err != nil {
					return err
				}
			}
			return printRanking(cmd, answer)
		},
	}
	f := cmd.Flags()
	f.StringVar(&dir, "model-dir", s.ModelDir, "`DIR` of the model [$MODEL_DIR]")
	f.StringVar(&r.UserID, "user-id", "", "the user's `ID`")
	f.StringSliceVar(&r.Session, "session", nil, "item `IDS` of the current visit or basket, oldest first")
	f.IntVarP(&r.K, "k", "k", 10, "number of items")
	f.BoolVar(&repeats, "repeats", false, "also recommend what the user already has")
	f.BoolVar(&r.Approximate, "approximate", false, "let the model's index answer, if it has one, instead of scanning every item")
	f.BoolVar(&r.Fallback, "fallback", false, "recommend popular items to an unknown user")
	f.IntVar(&history, "history", 0, "also list `N` items that the user had, the heaviest first; 0 lists none")
	f.BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func newSimilar(s settings) *cobra.Command {
	dir, item, k, asJSON := "", "", 0, false
	cmd := &cobra.Command{
		Use:   "similar",
		Short: "List the items most similar to an item",
		Long: `List the items that the model in --model-dir finds most similar to one that it knows, such
as for "customers also looked at". Not every kind of model compares items.`,
		Example: `  recsys-lite similar --model-dir model_artifacts/als --item-id 22423 -k 5`,
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if item == "" {
				return usagef("give --item-id")
			}
			a, err := openModel(dir, s)
			if err != nil {
				return err
			}
			e, err := recsys.NewEngine(a.Snapshot())
			if err != nil {
				return err
			}
			answer, err := e.Similar(cmd.Context(), recsys.SimilarRequest{ItemID: item, K: k})
			if err != nil {
				return err
			}
			if asJSON {
				return printAnswer(cmd, answer)
			}
			return printRanking(cmd, answer)
		},
	}
	f := cmd.Flags()
	f.StringVar(&dir, "model-dir", s.ModelDir, "`DIR` of the model [$MODEL_DIR]")
	f.StringVar(&item, "item-id", "", "the item's `ID`")
	f.IntVarP(&k, "k", "k", 10, "number of items")
	f.BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

type rankedItem struct {
	ItemID   string   `json:"item_id"`
	Score    float32  `json:"score"`
	Title    string   `json:"title,omitempty"`
	Category string   `json:"category,omitempty"`
	Brand    string   `json:"brand,omitempty"`
	Price    *float64 `json:"price,omitempty"`
	Source   string   `json:"source"`
}

func printAnswer(cmd *cobra.Command, r *recsys.Response) error {
	items := make([]rankedItem, len(r.Items))
	for n, i := range r.Items {
		items[n] = rankedItem{i.Item.ID, i.Score, i.Item.Title, i.Item.Category, i.Item.Brand, i.Item.Price, string(i.Source)}
	}
	return printJSON(cmd.OutOrStdout(), map[string]any{"model_version": r.ModelVersion, "items": items})
}

func printRanking(cmd *cobra.Command, r *recsys.Response) error {
	w := cmd.OutOrStdout()
	fmt.Fprintf(w, "model %s\n", r.ModelVersion)
	var rows [][]string
	for n, i := range r.Items {
		rows = append(rows, []string{strconv.Itoa(n + 1), i.Item.ID, strconv.FormatFloat(float64(i.Score), 'f', 4, 32), price(i.Item.Price), string(i.Source), i.Item.Title})
	}
	return printTable(w, []string{"rank", "item", "score", "price", "source", "title"}, rows)
}

// printHistory lists what a user of the model had.
func printHistory(cmd *cobra.Command, a *model.Artifact, userID string, n int) error {
	w := cmd.OutOrStdout()
	user, ok := a.Users.Index(userID)
	if !ok {
		_, err := fmt.Fprintf(w, "the model knows no history of %q\n\n", userID)
		return err
	}
	items, weights := a.Interactions.Row(int(user))
	order := make([]int, len(items))
	for p := range order {
		order[p] = p
	}
	if weights != nil {
		slices.SortStableFunc(order, func(x, y int) int {
			switch {
			case weights[x] > weights[y]:
				return -1
			case weights[x] < weights[y]:
				return 1
			}
			return 0
		})
	}
	fmt.Fprintf(w, "%s had %s", userID, counted(len(items), "item"))
	if n < len(items) {
		fmt.Fprintf(w, ", among them")
	}
	fmt.Fprintln(w)
	for _, p := range order[:min(n, len(order))] {
		title := ""
		if a.Catalogue != nil {
			title = a.Catalogue[items[p]].Title
		}
		fmt.Fprintf(w, "  %s  %s\n", a.Items.ID(items[p]), title)
	}
	_, err := fmt.Fprintln(w)
	return err
}

func price(p *float64) string {
	if p == nil {
		return ""
	}
	return strconv.FormatFloat(*p, 'f', 2, 64)
}
