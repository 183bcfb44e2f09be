// Tests of dump.go.

package memcached

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// TestClassID compares the numbers with the store's classes: ascending and each its own.
func TestClassID(t *testing.T) {
	last, lastSize := 0, 0
	for size := 1; size <= 40000; size++ {
		id := classID(size)
		if id < last || id > last+1 {
			t.Fatalf("%d bytes have class %d, %d bytes %d", size, id, lastSize, last)
		}
		last, lastSize = id, size
	}
	for size, want := range map[int]int{16: 1, 24: 2, 128: 15, 144: 16, 256: 23, 272: 24, 288: 25, 512: 39, 576: 40, 32768: 87} {
		if got := classID(size); got != want || classID(size-1) != want || classID(size+1) != want+1 {
			t.Errorf("%d bytes: class %d, want %d", size, got, want)
		}
	}
}

// TestStoreClassesHaveNumbers stores one item of every size and looks at the classes that come of it.
func TestStoreClassesHaveNumbers(t *testing.T) {
	r := newRig(t)
	c := r.client()
	for size := 1; size < 30000; size += 1 + size/20 {
		c.send(fmt.Sprintf("set k%d 0 0 %d\r\n%s\r\n", size, size, strings.Repeat("x", size)))
	}
	sizes := map[int]int{}
	for _, class := range r.store.Classes() {
		id := classID(class.Size)
		if other, seen := sizes[id]; seen && other != class.Size {
			t.Errorf("classes of %d and %d bytes have the number %d", class.Size, other, id)
		}
		sizes[id] = class.Size
	}
	if len(sizes) < 40 {
		t.Errorf("only %d classes", len(sizes))
	}
}

// fill stores n keys and gives their names.
func (c *client) fill(n int) map[string]bool {
	names := map[string]bool{}
	for i := range n {
		name := fmt.Sprintf("key%d", i)
		c.send("set " + name + " 0 0 1\r\nx\r\n")
		names[name] = true
	}
	return names
}

// TestMetadump dumps more than the output takes at once, feeding as the loop does: on as long as the output is full.
func TestMetadump(t *testing.T) {
	r := newRig(t)
	c := r.client()
	names := c.fill(5000)
	c.send("set a:b% 0 100 3\r\nxyz\r\ngets a:b%\r\n")
	in, got, most := []byte("lru_crawler metadump all\r\nversion\r\n"), "", 0
	for {
		taken := c.s.Feed(r.w, in)
		in, most = in[taken:], max(most, len(r.w.Out))
		full := r.w.Full()
		got += string(r.w.Out)
		r.w.Out = r.w.Out[:0]
		if len(in) == 0 {
			break
		}
		if !full {
			t.Fatalf("stuck with %q left", in)
		}
	}
	body, found := strings.CutSuffix(got, "END\r\nVERSION 1.6.18\r\n")
	if !found {
		t.Fatalf("ends with %q", got[len(got)-40:])
	}
	special := false
	for _, line := range strings.Split(strings.TrimSuffix(body, "\n"), "\n") {
		var key, fetch string
		var exp, la, cas, class, size int
		if n, err := fmt.Sscanf(line, "key=%s exp=%d la=%d cas=%d fetch=%s cls=%d size=%d", &key, &exp, &la, &cas, &fetch, &class, &size); n != 7 {
			t.Fatalf("line %q: %v", line, err)
		}
		if key == "a%3Ab%25" {
			special = exp == 1_800_000_100 && cas == 1
			continue
		}
		if exp != -1 || class != classID(size) {
			t.Errorf("line %q", line)
		}
		delete(names, key)
	}
	if len(names) > 0 || !special {
		t.Errorf("%d keys are missing; special key right: %v", len(names), special)
	}
	if most > 128<<10 {
		t.Errorf("%d bytes of output at once", most)
	}
}

func TestMetadumpOfAClass(t *testing.T) {
	r := newRig(t)
	c := r.client()
	c.fill(10)
	c.send("set big 0 0 1000\r\n" + strings.Repeat("x", 1000) + "\r\n")
	key := r.store.Key([]byte("big"))
	r.w.Tx.Enter()
	r.w.Tx.Lock1(key)
	class := classID(r.w.Tx.Find(0, key).Size())
	r.w.Tx.Unlock()
	r.w.Tx.Leave()
	got := c.send(fmt.Sprintf("lru_crawler metadump %d\r\nstats cachedump %d 0\r\n", class, class))
	if !strings.HasPrefix(got, "key=big exp=-1") || strings.Count(got, "key=") != 1 || !strings.HasSuffix(got, "\nEND\r\nITEM big [1000 b; 0 s]\r\nEND\r\n") {
		t.Errorf("got %q", got)
	}
}

// TestMetadumpOfSomeClasses: a list of classes shows these, and no others.
func TestMetadumpOfSomeClasses(t *testing.T) {
	c := newRig(t).client()
	for _, size := range []int{1, 200, 1000, 20000} {
		c.send(fmt.Sprintf("set k%d 0 0 %d\r\n%s\r\n", size, size, strings.Repeat("x", size)))
	}
	class := map[string]string{}
	for _, line := range strings.Split(c.send("lru_crawler metadump hash\r\n"), "\n") {
		words := strings.Fields(line)
		if len(words) == 7 {
			class[words[0]] = strings.TrimPrefix(words[5], "cls=")
		}
	}
	if len(class) != 4 {
		t.Fatalf("classes %v", class)
	}
	got := c.send("lru_crawler metadump " + class["key=k200"] + ",," + class["key=k20000"] + ",255\r\n")
	if strings.Count(got, "key=") != 2 || !strings.Contains(got, "key=k200 ") || !strings.Contains(got, "key=k20000 ") || !strings.HasSuffix(got, "\nEND\r\n") {
		t.Errorf("got %q", got)
	}
	if got := c.send("lru_crawler metadump 1,256\r\n"); got != replyBadClasses+"\r\n" {
		t.Errorf("a number too high: %q", got)
	}
}

func TestCachedumpLimit(t *testing.T) {
	r := newRig(t)
	c := r.client()
	c.fill(10)
	var class int
	r.w.Tx.Enter()
	r.w.Tx.Each(0, func(it core.Item) bool { class = classID(it.Size()); return false })
	r.w.Tx.Leave()
	for limit, want := range map[int]int{0: 10, 3: 3, 20: 10} {
		if got := c.send(fmt.Sprintf("stats cachedump %d %d\r\n", class, limit)); strings.Count(got, "ITEM key") != want {
			t.Errorf("limit %d: %q", limit, got)
		}
	}
}

func TestDumpsRefused(t *testing.T) {
	c := newRig(t, "CACHESRV_DISABLE_DUMPING=yes").client()
	if got := c.send("lru_crawler metadump all\r\nstats cachedump 1 1\r\n"); got != "ERROR metadump not allowed\r\nCLIENT_ERROR stats cachedump not allowed\r\n" {
		t.Errorf("got %q", got)
	}
}
