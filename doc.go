// Package recsys is a recommender that a shop embeds: it turns purchases into ranked
// products inside the shop's own process.
//
// The package holds the vocabulary that everything else shares. Strings live at the edges:
// an [Event] or [Item] carries the shop's ids, an [IDMap] turns them into dense int32
// indices, and a [Model] sees only those. A [Store] gives a [Dataset], a model is fitted on
// it, and an [Engine] serves the model with string ids and metadata. The algorithms are
// subpackages (als, bpr, ease, …); package model keeps fitted models on disk; package store
// keeps events and items in DuckDB.
package recsys
