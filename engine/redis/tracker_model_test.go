// Clients that keep copies by what the server tells them, under random reads and writes: no copy outlives what it is a copy of.

package redis

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
)

// readValue reads one reply; arrays and pushes become their elements joined by spaces, a push begins with >.
func readValue(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	body := line[1 : len(line)-2]
	n, _ := strconv.Atoi(body)
	switch line[0] {
	case '$':
		if n < 0 {
			return "", nil
		}
		b := make([]byte, n+2)
		_, err := io.ReadFull(r, b)
		return string(b[:n]), err
	case '_':
		return "", nil
	case '*', '>', '~':
		parts := make([]string, n)
		for i := range parts {
			if parts[i], err = readValue(r); err != nil {
				return "", err
			}
		}
		s := strings.Join(parts, " ")
		if line[0] == '>' {
			s = ">" + s
		}
		return s, nil
	}
	return body, nil
}

// keeper is one such client.
type keeper struct {
	*wire
	name   string
	mode   string
	copies map[string]string
	told   int
}

// reply reads up to the next reply, and lets go of the copies that pushes name.
func (k *keeper) reply() (string, error) {
	for {
		v, err := readValue(k.r)
		if err != nil || !strings.HasPrefix(v, ">") {
			return v, err
		}
		k.told++
		keys := strings.Fields(v)[1:]
		if len(keys) == 0 {
			clear(k.copies)
		}
		for _, key := range keys {
			delete(k.copies, key)
		}
	}
}

func (k *keeper) ask(words ...string) (string, error) {
	if _, err := io.WriteString(k, request(words...)); err != nil {
		return "", err
	}
	return k.reply()
}

// step reads through the copies, or writes.
func (k *keeper) step(r *rand.Rand, i int) error {
	key := "abc"[r.IntN(3):][:1] + strconv.Itoa(r.IntN(15))
	value := fmt.Sprint(k.name, ".", i)
	forget := strings.Contains(k.mode, "noloop")
	switch n := r.IntN(100); {
	case n < 60:
		if _, ok := k.copies[key]; ok {
			return nil
		}
		if strings.Contains(k.mode, "optin") {
			if _, err := k.ask("client", "caching", "yes"); err != nil {
				return err
			}
		}
		v, err := k.ask("get", key)
		if err == nil {
			k.copies[key] = v
		}
		return err
	case n < 70: // reading inside of a transaction
		io.WriteString(k, request("multi")+request("mget", key, "a0")+request("exec"))
		for range 2 {
			if _, err := k.reply(); err != nil {
				return err
			}
		}
		v, err := k.reply()
		if parts := strings.Split(v, " "); err == nil && len(parts) == 2 && !strings.Contains(k.mode, "optin") {
			k.copies[key], k.copies["a0"] = parts[0], parts[1]
		}
		return err
	case n < 85:
		_, err := k.ask("set", key, value)
		if forget {
			delete(k.copies, key)
		}
		return err
	case n < 90:
		_, err := k.ask("set", key, value, "px", strconv.Itoa(1+r.IntN(50)))
		if forget {
			delete(k.copies, key)
		}
		return err
	case n < 98:
		_, err := k.ask("rename", key, "b1")
		if forget {
			delete(k.copies, key)
			delete(k.copies, "b1")
		}
		return err
	case n == 98 && r.IntN(10) == 0:
		_, err := k.ask("flushall")
		return err
	}
	_, err := k.ask("mset", key, value, "a0", value)
	if forget {
		delete(k.copies, key)
		delete(k.copies, "a0")
	}
	return err
}

func TestCopiesAreNeverStale(t *testing.T) {
	const seed, rounds, steps = 11, 25, 120
	r := newRig(t, core.Options{Shards: 4})
	if err := r.set.Set("tracking-table-max-keys", "25"); err != nil {
		t.Fatal(err)
	}
	address := r.listen()
	var keepers []*keeper
	for i, mode := range []string{"", "", "noloop", "optin", "bcast", "bcast noloop", "bcast prefix a prefix b1 prefix b0 prefix c"} {
		k := &keeper{wire: dial3(t, address), name: fmt.Sprint("c", i), mode: mode, copies: map[string]string{}}
		k.all("+OK\r\n", "client tracking on "+mode)
		keepers = append(keepers, k)
	}
	judge := dial(t, address)
	for round := range rounds {
		var wg sync.WaitGroup
		for n, k := range keepers {
			wg.Add(1)
			go func() {
				defer wg.Done()
				rnd := rand.New(rand.NewPCG(seed, uint64(round*100+n)))
				for i := range steps {
					if err := k.step(rnd, round*steps+i); err != nil {
						t.Errorf("%s (%s), seed %d, round %d: %v", k.name, k.mode, seed, round, err)
						return
					}
				}
			}()
		}
		wg.Wait()
		if t.Failed() {
			return
		}
		if r.now.Add(int64(round % 20)); round%2 == 1 { // everything that is due is met, so that nothing expires unseen
			for _, p := range "abc" {
				for i := range 15 {
					judge.text2("get", fmt.Sprint(string(p), i))
				}
			}
		}
		for _, k := range keepers {
			k.check(judge, round)
		}
	}
	for _, k := range keepers {
		if k.told == 0 {
			t.Errorf("%s (%s) was told nothing", k.name, k.mode)
		}
	}
}

// text2 reads one reply of whatever kind.
func (w *wire) text2(words ...string) string {
	w.t.Helper()
	io.WriteString(w, request(words...))
	v, err := readValue(w.r)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// check compares the copies with what is there once everything that was on its way has come: that is bounded, because posts are run
// before later requests are answered some rounds of the loop later.
func (k *keeper) check(judge *wire, round int) {
	k.t.Helper()
	prefixed := strings.Contains(k.mode, "prefix")
	for end := time.Now().Add(5 * time.Second); ; {
		if _, err := k.ask("ping"); err != nil {
			k.t.Fatal(err)
		}
		stale := ""
		for key, copied := range k.copies {
			if prefixed && key[0] == 'b' && key[1] != '0' && key[1] != '1' {
				continue // nobody tells
			}
			if now := judge.text2("get", key); now != copied {
				stale = fmt.Sprintf("%s (%s), round %d: the copy of %s is %q, it is %q", k.name, k.mode, round, key, copied, now)
			}
		}
		if stale == "" {
			return
		}
		if time.Now().After(end) {
			k.t.Fatal(stale)
		}
	}
}
