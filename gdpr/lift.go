package gdpr

import (
	"context"
	"errors"
	"time"

	"github.com/recsys-lite/recsys/internal/forgotten"
)

// Lift takes the tombstones of a user away, so that events from then on are accepted again. It
// says whether there were any; now is time.Now when nil. What was deleted does not come back.
func (s *Site) Lift(ctx context.Context, userID string, now func() time.Time) (lifted bool, err error) {
	if err := s.check(userID); err != nil {
		return false, err
	}
	keys, err := LoadKeys(s.DataDir, true)
	if err != nil {
		return false, err
	}
	log, err := OpenLog(s.LogDir, keys)
	if err != nil {
		return false, err
	}
	if now != nil {
		log.Now = now
	}
	lifted, err = s.lift(ctx, userID)
	return lifted, errors.Join(err, log.Append(DataRestored, keys.Pseudonym(userID), err == nil))
}

func (s *Site) lift(ctx context.Context, userID string) (bool, error) {
	db, err := s.Open(ctx, false)
	if err != nil {
		return false, err
	}
	defer db.Close()
	lifted, err := db.LiftTombstone(ctx, userID)
	if err != nil {
		return false, err
	}
	dirs, err := s.modelDirs()
	if err != nil {
		return lifted, err
	}
	for _, dir := range dirs {
		contains, err := forgotten.Read(dir)
		if err != nil {
			return lifted, err
		}
		if contains != nil && contains(userID) {
			lifted = true
		}
		if err := LiftForgotten(dir, userID); err != nil {
			return lifted, err
		}
	}
	return lifted, db.Close()
}
