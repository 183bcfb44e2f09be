// Snapshots that announce other numbers of keys than they have.

package redis

import (
	"bytes"
	"strconv"
	"testing"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

// TestAnnouncedNumbersAreNotBelieved: a file of some MB whose sizes are a lie gets tables as its length allows, and they are given back.
func TestAnnouncedNumbersAreNotBelieved(t *testing.T) {
	for _, announced := range []int{1 << 40, 50_000, 1} {
		var file bytes.Buffer
		w := rdb.FileWriter{}
		w.Header(10)
		w.Database(0)
		w.Sizes(announced, 0)
		const keys = 50_000
		for i := range keys {
			w.Name = []byte("a key with a longer name " + strconv.Itoa(i))
			w.Kind(rdb.KindString)
			w.Text([]byte("and a value"))
		}
		w.Name = nil
		w.End()
		out := rdb.Summing{To: &file}
		if _, err := out.Write(w.Out); err != nil {
			t.Fatal(err)
		}
		if err := out.Foot(true); err != nil {
			t.Fatal(err)
		}
		r := newRig(t, core.Options{})
		if err := r.e.loadSnapshot(bytes.NewReader(file.Bytes()), int64(file.Len())); err != nil {
			t.Fatal(err)
		}
		if n := r.store.Len(0); n != keys {
			t.Errorf("%d announced: %d keys", announced, n)
		}
		if m := r.store.Memory(); m.Tables > 40*keys || m.Peak > 4*int64(file.Len())+16<<20 {
			t.Errorf("%d announced: %d bytes of tables, %d at most in all", announced, m.Tables, m.Peak)
		}
	}
}
