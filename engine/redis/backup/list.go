// Which backups a store holds, and their removal.

package backup

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// Entry is a backup in a store.
type Entry struct {
	ID       string
	Manifest *Manifest // nil if the backup is not whole
	Damaged  error     // what is wrong with a manifest that is there
	Size     int64     // of what is in the store
	Modified time.Time // of the youngest object
}

// Created is the time that the name tells.
func (e *Entry) Created() time.Time {
	at, _ := time.Parse("20060102T150405Z", e.ID[:strings.IndexByte(e.ID, '-')])
	return at
}

// List gives all backups, the oldest first, those that are not whole among them.
func List(ctx context.Context, s Store) ([]Entry, error) {
	objects, err := s.List(ctx, "")
	if err != nil {
		return nil, err
	}
	found := map[string]*Entry{}
	ended := map[string]bool{}
	for _, o := range objects {
		id, rest, _ := strings.Cut(o.Name, "/")
		if !isID(id) || rest == "" {
			continue
		}
		e := found[id]
		if e == nil {
			e = &Entry{ID: id}
			found[id] = e
		}
		e.Size += o.Size
		if o.Modified.After(e.Modified) {
			e.Modified = o.Modified
		}
		ended[id] = ended[id] || rest == manifestName
	}
	list := make([]Entry, 0, len(found))
	for id, e := range found {
		if ended[id] {
			m, err := Load(ctx, s, id)
			if err != nil && !errors.Is(err, ErrManifest) && !errors.Is(err, ErrNoBackup) {
				return nil, err
			}
			e.Manifest, e.Damaged = m, err
		}
		list = append(list, *e)
	}
	slices.SortFunc(list, func(a, b Entry) int { return strings.Compare(a.ID, b.ID) })
	return list, nil
}

// Youngest is when the youngest backup that is whole was made, zero if there is none.
func Youngest(ctx context.Context, s Store) (time.Time, error) {
	objects, err := s.List(ctx, "")
	if err != nil {
		return time.Time{}, err
	}
	var ids []string
	for _, o := range objects {
		if id, rest, _ := strings.Cut(o.Name, "/"); isID(id) && rest == manifestName {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range slices.Backward(ids) {
		m, err := Load(ctx, s, id)
		switch {
		case err == nil:
			return m.Created, nil
		case !errors.Is(err, ErrManifest) && !errors.Is(err, ErrNoBackup):
			return time.Time{}, err
		}
	}
	return time.Time{}, nil
}

// Delete removes a backup, whole or not: the manifest first, so that it never looks like one that can be restored.
func Delete(ctx context.Context, s Store, id string) error {
	if !isID(id) {
		return ErrNoBackup
	}
	objects, err := s.List(ctx, id+"/")
	if err != nil {
		return err
	}
	if len(objects) == 0 {
		return ErrNoBackup
	}
	manifest := id + "/" + manifestName
	slices.SortStableFunc(objects, func(a, b Object) int {
		switch {
		case a.Name == manifest:
			return -1
		case b.Name == manifest:
			return 1
		}
		return 0
	})
	for _, o := range objects {
		if err := s.Remove(ctx, o.Name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
