package gdpr

import "github.com/recsys-lite/recsys/internal/forgotten"

// ForgottenFile is the name of the list of forgotten users, which lies beside a model's
// pointer, in the directory of versions:
//
//	{"key": 32 random bytes in hex, "hashes": [HMAC-SHA256(key, user id) in hex, …]}
//
// Whoever has the file can test an id, as the server must, and cannot read one out of it.
const ForgottenFile = forgotten.File

// Forgotten answers whether a user was forgotten, by the file of a model directory. It notices
// a change of the file by itself: what [AddForgotten] did in another process holds for every
// request after it. It is safe for concurrent use.
type Forgotten = forgotten.List

// OpenForgotten returns the list of the given model directory; there need be neither a list
// nor a directory yet. onError, if not nil, is told when the file cannot be read; the list
// that was read before then stays in force. Neither does it end when the file vanishes: a list
// without users is a file without hashes.
func OpenForgotten(modelDir string, onError func(error)) *Forgotten {
	return forgotten.Open(modelDir, onError)
}

// AddForgotten puts users on the list of a model directory, which exists; running servers
// stop answering for them at their next request, and nothing that is published later holds
// them. The file is replaced in one step and is readable for its owner alone.
func AddForgotten(modelDir string, userIDs ...string) error {
	return forgotten.Add(modelDir, userIDs...)
}

// LiftForgotten takes users off the list again.
func LiftForgotten(modelDir string, userIDs ...string) error {
	return forgotten.Lift(modelDir, userIDs...)
}
