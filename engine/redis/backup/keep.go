// Retention: which backups stay.

package backup

import (
	"context"
	"time"

	"github.com/cachesrv/cachesrv/config"
)

// abandoned is how long a backup that is not whole is taken for one that is being made.
const abandoned = 24 * time.Hour

// Expired gives the backups that a rule wants removed. The youngest whole one stays whatever the rule says; what is not whole goes after a day.
func Expired(list []Entry, keep config.Keep, now time.Time) (gone []Entry) {
	whole := 0
	for i := len(list) - 1; i >= 0; i-- {
		e := &list[i]
		if e.Damaged != nil {
			continue // somebody should look at it
		}
		if e.Manifest == nil {
			if now.Sub(e.Modified) > abandoned {
				gone = append(gone, *e)
			}
			continue
		}
		whole++
		old := keep.Age > 0 && now.Sub(e.Created()) > keep.Age
		if whole > 1 && (keep.Count > 0 && whole > keep.Count || old) {
			gone = append(gone, *e)
		}
	}
	return gone
}

// Prune removes what Expired names, and gives what is gone.
func Prune(ctx context.Context, s Store, keep config.Keep, now time.Time) (gone []string, err error) {
	if keep == (config.Keep{}) {
		return nil, nil
	}
	list, err := List(ctx, s)
	if err != nil {
		return nil, err
	}
	for _, e := range Expired(list, keep, now) {
		if err := Delete(ctx, s, e.ID); err != nil {
			return gone, err
		}
		gone = append(gone, e.ID)
	}
	return gone, nil
}
