package main

import (
	"fmt"
	"time"
)

// rows are contradictions that no program of ours makes.
func (d *doctor) rows(n map[string]int64) {
	for _, c := range []struct{ fact, what, advice string }{
		{"repeated_numbers", "events share a number with another", "two programs wrote to copies of the file that were mixed: restore a backup"},
		{"numbers_past_counter", "events have a number above the counter", "the file was changed by hand: restore a backup"},
		{"repeated_item_ids", "items have the id of another", "import the catalogue again: 'recsys-lite ingest --items F --force'"},
		{"forgotten_with_events", "users have a tombstone and events", "run 'recsys-lite gdpr delete-user' for them again, or 'gdpr lift'"},
	} {
		if n[c.fact] > 0 {
			d.report.add(fault, c.advice, "%d %s", n[c.fact], c.what)
		}
	}
}

// data says what a shop should fix, and why.
func (d *doctor) data(n map[string]int64) {
	share := func(part, whole string) float64 { return float64(n[part]) / float64(max(n[whole], 1)) }
	if n["events"] == 0 {
		d.report.add(note, "import some: 'recsys-lite ingest --events F'", "there are no events")
		return
	}
	last := time.Unix(n["last_event"], 0).UTC()
	d.report.add(fine, "", "%d users with %d events of %d items over %d days, the last one on %s", n["users"], n["events"], n["items_with_events"], n["days"], last.Format(time.DateOnly))
	for _, c := range []struct {
		when         bool
		what, advice string
	}{
		{n["events_of_unknown_items"] > 0, fmt.Sprintf("not in the catalogue: %s, with %s", counted(n["unknown_items"], "item"), counted(n["events_of_unknown_items"], "event")),
			"import the whole catalogue, discontinued items with available=false: items without an entry are recommended without title and price, and no filter knows them"},
		{share("items_never_bought", "items") > 0.3, fmt.Sprintf("%.0f %% of the catalogue was never in an event", 100*share("items_never_bought", "items")),
			"train lightfm with --use-item-features: the other models cannot rank what nobody had"},
		{share("items_without_category", "items") > 0.2, fmt.Sprintf("%.0f %% of the items have no category", 100*share("items_without_category", "items")),
			"add a column category: without it there are no category filters, no diversity, and no ranking of new items"},
		{share("items_without_title", "items") > 0.05, fmt.Sprintf("%.0f %% of the items have no title", 100*share("items_without_title", "items")), "add a column title: customers see these items without a name"},
		{share("items_without_price", "items") > 0.2, fmt.Sprintf("%.0f %% of the items have no price", 100*share("items_without_price", "items")), "add a column price: a price filter leaves these items out"},
		{share("items_without_image", "items") > 0.5, fmt.Sprintf("%.0f %% of the items have no image", 100*share("items_without_image", "items")), "add a column img_url: the widget shows a placeholder"},
		{share("users_with_one_event", "users") > 0.6, fmt.Sprintf("%.0f %% of the users have a single event", 100*share("users_with_one_event", "users")),
			"log views and baskets as events as well (event_type), and merge guests with their accounts: from one event little can be learned"},
		{n["event_types"] == 1, "all events are of one type", "log views and baskets too, and weigh them with --event-weights: there are many more of them than purchases"},
		{share("repeated_events", "events") > 0.01, fmt.Sprintf("%.1f %% of the events repeat another one exactly", 100*share("repeated_events", "events")),
			"see whether an export is imported twice under other contents: repeats count as further purchases"},
		{n["events_in_the_future"] > 0, "more than a day in the future: " + counted(n["events_in_the_future"], "event"), "check the clock or the unit of ts: half-lives and time splits go by the latest event"},
		{n["events_at_time_zero"] > 0, "with the time 0: " + counted(n["events_at_time_zero"], "event"), "export the real time: sequences and time splits cannot use these"},
		{share("returns", "events") > 0.2, fmt.Sprintf("%.0f %% of the events are returns", 100*share("returns", "events")), "see whether qty has the right sign"},
		{n["returns_without_buy"] > 0, fmt.Sprintf("%d times a user returned more of an item than was bought", n["returns_without_buy"]), "import the purchases before the first export, too; such an item counts as not had"},
		{n["most_events_of_a_user"] > 1000 && n["most_events_of_a_user"] > 200*max(n["median_events_of_a_user"], 1),
			fmt.Sprintf("one user has %d events, the median is %d", n["most_events_of_a_user"], n["median_events_of_a_user"]), "see whether that is a bot, a till or a test account, and leave it out"},
		{time.Since(last) > 30*24*time.Hour, fmt.Sprintf("the last event is of %s", last.Format(time.DateOnly)), "see whether events still arrive: 'recsys-lite worker', POST /events"},
		{n["users_without_events"] > 0, "described, and without events: " + counted(n["users_without_events"], "user"), "delete those who left: 'recsys-lite gdpr delete-user'"},
	} {
		if c.when {
			d.report.add(note, c.advice, "%s", c.what)
		}
	}
}
