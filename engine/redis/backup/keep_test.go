package backup

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core/vfs"
)

func TestRetention(t *testing.T) {
	day := 24 * time.Hour
	now := begin
	entry := func(age time.Duration, m *Manifest) Entry {
		return Entry{ID: NewID(now.Add(-age)), Manifest: m, Modified: now.Add(-age)}
	}
	whole := &Manifest{}
	list := []Entry{entry(9*day, whole), entry(5*day, nil), entry(4*day, whole), entry(3*day, whole), entry(2*day, whole), entry(day/2, nil)}
	for _, c := range []struct {
		keep config.Keep
		gone []int // besides the unfinished one of five days
	}{
		{config.Keep{Count: 2}, []int{0, 2}},
		{config.Keep{Count: 10}, nil},
		{config.Keep{Age: 5 * day / 2}, []int{0, 2, 3}},
		{config.Keep{Age: day}, []int{0, 2, 3}}, // the youngest stays
		{config.Keep{Count: 3, Age: 8 * day}, []int{0}},
		{config.Keep{Count: 10, Age: 8 * day}, []int{0}},
	} {
		var want, got []string
		for _, i := range append(c.gone, 1) {
			want = append(want, list[i].ID)
		}
		for _, e := range Expired(list, c.keep, now) {
			got = append(got, e.ID)
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%+v: gone are %v, not %v", c.keep, got, want)
		}
	}
}

func TestPruneRemovesBackups(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		ctx := context.Background()
		var ids []string
		for i := range 3 {
			ids = append(ids, stored(t, s, begin.Add(time.Duration(i)*time.Hour), payload(5000)).ID)
		}
		gone, err := Prune(ctx, s, config.Keep{Count: 1}, begin.Add(3*time.Hour))
		slices.Sort(gone)
		if err != nil || !slices.Equal(gone, ids[:2]) {
			t.Errorf("gone: %v, %v", gone, err)
		}
		list, err := List(ctx, s)
		if err != nil || len(list) != 1 || list[0].ID != ids[2] || list[0].Manifest == nil {
			t.Errorf("left: %v, %v", list, err)
		}
		if objects, _ := s.List(ctx, ids[0]+"/"); len(objects) != 0 {
			t.Errorf("left of a removed one: %v", objects)
		}
	})
}

func TestADamagedManifestIsListedAndStays(t *testing.T) {
	ctx := context.Background()
	s := NewDir(vfs.OS, t.TempDir())
	m := stored(t, s, begin, payload(10))
	stored(t, s, begin.Add(time.Hour), payload(10))
	if err := s.Put(ctx, m.ID+"/"+manifestName, bytes.NewReader([]byte("{")), 1); err != nil {
		t.Fatal(err)
	}
	list, err := List(ctx, s)
	if err != nil || len(list) != 2 || list[0].Damaged == nil || list[0].Manifest != nil {
		t.Fatalf("%v, %v", list, err)
	}
	if gone, err := Prune(ctx, s, config.Keep{Count: 1}, begin.Add(100*time.Hour)); len(gone) != 0 || err != nil {
		t.Errorf("gone: %v, %v", gone, err)
	}
}
