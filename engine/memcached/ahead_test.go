// Tests of looking ahead: whatever is guessed of the requests to come, the replies are those of requests that come one by one.

package memcached

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestAheadChangesNothing(t *testing.T) {
	rnd := rand.New(rand.NewPCG(11, 12))
	key := func() string { return fmt.Sprint("key:", rnd.IntN(40)) }
	value := func() string { // some look like requests
		return []string{"v", "get key:1\r\nset key:2 0 0 1", "\n\n mg key:3 v\n", strings.Repeat("get key:4\r\n", 9), strings.Repeat("long", 40)}[rnd.IntN(5)]
	}
	lines := []func() string{
		func() string { v := value(); return fmt.Sprintf("set %s 0 0 %d\r\n%s\r\n", key(), len(v), v) },
		func() string { v := value(); return fmt.Sprintf("ms %s %d\r\n%s\r\n", key(), len(v), v) },
		func() string { return "get " + key() + "\r\n" },
		func() string { return "get  " + key() + " " + key() + " " + strings.Repeat("k", 251) + "\r\n" },
		func() string { return "gets" + strings.Repeat(" "+key(), 40) + " " + key() + "\n" },
		func() string { return "mg " + key() + " v k q\r\nmn\r\n" },
		func() string { return "mg a2V5OjE= b v\r\n" },
		func() string { return "gat 100 " + key() + "\r\n" },
		func() string { return "delete " + key() + "\r\nincr " + key() + " 1\r\nnonsense " + key() + "\r\n" },
	}
	frames := []func() string{
		func() string { return setFrame(0x01, key(), value(), 0, 0).String() },
		func() string { return request{op: 0x00, key: key()}.String() },
		func() string { return request{op: 0x0d, key: key()}.String() + request{op: 0x0a}.String() },
		func() string { return request{op: 0x04, key: key()}.String() },
	}
	for name, kinds := range map[string][]func() string{"lines": lines, "frames": frames} {
		whole, single := newRig(t), newRig(t)
		for _, r := range []*rig{whole, single} { // so much that it is worth while
			c := r.client()
			for i := range 6 {
				v := strings.Repeat("x", 1000_000)
				c.send(fmt.Sprintf("set filler%d 0 0 %d\r\n%s\r\n", i, len(v), v))
			}
			if !r.w.Tx.WorthWhile() {
				t.Fatal("too little data to look ahead")
			}
		}
		a, b := whole.client(), single.client()
		for range 300 {
			var batch, want strings.Builder
			for range 1 + rnd.IntN(20) {
				one := kinds[rnd.IntN(len(kinds))]()
				batch.WriteString(one)
				want.WriteString(b.send(one))
			}
			if got := a.send(batch.String()); got != want.String() {
				t.Fatalf("%s: %.300q: got %.300q, want %.300q", name, batch.String(), got, want.String())
			}
		}
	}
}
