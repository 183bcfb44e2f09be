// All types at once from several connections, with sweeping, compaction, snapshots and flushes in between; then the store's figures add up.

package redis

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/deque"
	"github.com/cachesrv/cachesrv/core/dict"
	"github.com/cachesrv/cachesrv/core/sorted"
	"github.com/cachesrv/cachesrv/core/stream"
)

// stressWords are commands; # stands for a number, @ for a few of them or hundreds with the word behind it.
var stressWords = strings.Split(`RPUSH l# @e|LPUSH l# @e|RPOP l# #|LMOVE l# l# LEFT RIGHT|LMOVE l# l# RIGHT LEFT|LTRIM l# # -#|LREM l# 0 e#|LINSERT l# BEFORE e# e#|LSET l# # x#
SADD s# @|SADD s# @m|SREM s# # # m#|SPOP s# #|SMOVE s# s# m#|SUNIONSTORE s# s# s#|SDIFFSTORE s# s# s#|SORT s# ALPHA STORE l#
ZADD z# @@z|ZINCRBY z# # z#|ZPOPMAX z# #|ZREMRANGEBYRANK z# # -#|ZREMRANGEBYSCORE z# # 900|ZUNIONSTORE z# 2 z# s#|ZRANGESTORE z# z# # -#
HSET h# @@f|HDEL h# f# f# f#|HINCRBY h# n# #|HPEXPIRE h# # FIELDS 3 f# f# f#|HPERSIST h# FIELDS 1 f#|HGETDEL h# FIELDS 1 f#|HSETEX h# PX # FIELDS 1 f# v
XADD x# MAXLEN ~ 300 * @@f|XADD x# * f #|XGROUP CREATE x# g 0 MKSTREAM|XGROUP DESTROY x# g|XREADGROUP GROUP g c# COUNT # STREAMS x# >|XAUTOCLAIM x# g c# 0 0|XACK x# g #-#|XTRIM x# MAXLEN #
SET k# #|RENAME h# h#|RENAME z# z#|RENAME l# z#|COPY h# h# REPLACE|COPY x# x# REPLACE|COPY z# z# DB 1 REPLACE|COPY l# l# REPLACE|COPY s# s# REPLACE|MOVE s# 1|MOVE h# 1|SELECT 0|SELECT 1
PEXPIRE l# #|PEXPIRE h# #|PEXPIRE z# 1|PEXPIRE x# #|UNLINK l# s#|DEL z# h#|UNLINK x#|SWAPDB 0 1|FLUSHALL ASYNC|HGETALL h#|SMEMBERS s#|ZRANGE z# 0 -1|LRANGE l# 0 -1|XRANGE x# - +`, "\n")

// stressLine makes a request of one of them. Rare ones are left out most of the time.
func stressLine(r *rand.Rand) string {
	row := strings.Split(stressWords[r.IntN(len(stressWords))], "|")
	call := row[r.IntN(len(row))]
	if (call == "FLUSHALL ASYNC" || call == "SWAPDB 0 1") && r.IntN(30) > 0 {
		call = "PING"
	}
	key, out := true, []string(nil)
	for _, word := range strings.Fields(call) {
		most := 40
		if len(word) == 2 && word[1] == '#' && key { // few keys, so that commands meet
			most = 3
		}
		if word[0] != '@' {
			out = append(out, strings.ReplaceAll(word, "#", strconv.Itoa(r.IntN(most))))
			continue
		}
		key = false
		n := 1 + r.IntN(4)
		if r.IntN(4) == 0 {
			n = 150 + r.IntN(600)
		}
		for range n {
			if strings.HasPrefix(word, "@@") {
				out = append(out, strconv.Itoa(r.IntN(1000)))
			}
			out = append(out, strings.TrimLeft(word, "@")+strconv.Itoa(r.IntN(1000)))
		}
		if len(out)%2 != 0 && out[0] == "XADD" {
			out = out[:len(out)-1]
		}
	}
	return request(out...)
}

// whole fails unless what an item owns is in itself complete.
func whole(a *arena.Arena, it core.Item) error {
	if !it.Owns() {
		return nil
	}
	have, want := 0, 0
	switch it.Type() {
	case core.Hash, core.Set:
		kind := dict.Map
		if it.Type() == core.Set {
			kind = dict.Set
		}
		d := dict.Open(a, it.Value(), kind)
		for i := d.Iter(); ; have++ {
			if _, ok := i.Next(); !ok {
				break
			}
		}
		want = d.Len()
	case core.List:
		d := deque.Open(a, it.Value())
		for c := d.Seek(0); ; have++ {
			if _, ok := c.Next(); !ok {
				break
			}
		}
		want = d.Len()
	case core.SortedSet:
		z := sorted.Open(a, it.Value())
		c := z.Seek(0)
		for _, _, ok := z.Ascend(&c); ok; _, _, ok = z.Ascend(&c) {
			have++
		}
		want = z.Len()
	case core.Stream:
		s := stream.Open(a, it.Value())
		for w := s.Walk(stream.ID{}, stream.MaxID, false); w.Next(); {
			have++
		}
		want = int(s.Length)
	}
	if have != want {
		return fmt.Errorf("%q of type %d has %d elements, and says %d", it.Name(), it.Type(), have, want)
	}
	return nil
}

// skipReply reads one reply without looking at it.
func skipReply(r *bufio.Reader) error {
	for left := 1; left > 0; left-- {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		n, _ := strconv.Atoi(strings.TrimSpace(line[1:]))
		switch line[0] {
		case '*':
			left += max(n, 0)
		case '$':
			if n >= 0 {
				if _, err := r.Discard(n + 2); err != nil {
					return err
				}
			}
		case '+', '-', ':':
		default:
			return fmt.Errorf("no reply begins with %q", line)
		}
	}
	return nil
}

// stressClient sends batches of commands and reads their replies, and calls between after each.
func stressClient(address string, seed uint64, rounds int, between func(r *rand.Rand)) error {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	r, in := rand.New(rand.NewPCG(seed, 5)), bufio.NewReader(c)
	for range rounds {
		var batch strings.Builder
		for range 20 {
			batch.WriteString(stressLine(r))
		}
		c.SetDeadline(time.Now().Add(60 * time.Second))
		if _, err := io.WriteString(c, batch.String()); err != nil {
			return err
		}
		for range 20 {
			if err := skipReply(in); err != nil {
				return err
			}
		}
		between(r)
	}
	return nil
}

func TestAllTypesAtOnce(t *testing.T) {
	for name, o := range map[string]core.Options{"roomy": {Reserve: 1 << 30}, "evicting": {Reserve: 1 << 30}, "full": {Reserve: 256 << 10}} {
		t.Run(name, func(t *testing.T) {
			o.Shards, o.Databases = 4, 2
			r := newRig(t, o)
			r.store.SetActiveExpire(true)
			address := r.listen()
			w := dial(t, address)
			if name == "evicting" {
				if err := r.store.SetPolicy("allkeys-random"); err != nil {
					t.Fatal(err)
				}
				r.store.SetMaxMemory(r.store.Memory().Used + 60<<10)
			}
			mem := r.store.NewTx().Arena()
			between := func(rd *rand.Rand) {
				switch r.now.Add(5); rd.IntN(8) {
				case 0:
					r.store.Compact()
				case 1:
					n, err := r.store.Snapshot(nil, func(_ int, it core.Item) error { return whole(mem, it) })
					if err == nil {
						err = n.Run(context.Background())
					}
					if err != nil && err != core.ErrBusy {
						t.Error(err)
					}
				}
			}
			var clients sync.WaitGroup
			for seed := range uint64(6) {
				clients.Add(1)
				go func() {
					defer clients.Done()
					if err := stressClient(address, seed, 80, between); err != nil {
						t.Errorf("client %d: %v", seed, err)
					}
				}()
			}
			clients.Wait()
			tx := r.store.NewTx()
			tx.Enter()
			for db := range 2 {
				tx.Each(db, func(it core.Item) bool {
					if err := whole(mem, it); err != nil {
						t.Error(err)
					}
					return true
				})
			}
			tx.Leave()

			w.expect("+OK\r\n", "FLUSHALL", "SYNC")
			for r.store.Memory().Dying != 0 {
				runtime.Gosched() // the last structures of before are freed in the background
			}
			if m := r.store.Memory(); m.Items != 0 || m.Tables != 0 || m.Wheels != 0 || m.Dying != 0 {
				t.Errorf("nothing is left, but %+v", m)
			}
			if n := r.store.Stats().Evicted; n == 0 && name == "evicting" {
				t.Error("nothing was evicted")
			}
		})
	}
}
