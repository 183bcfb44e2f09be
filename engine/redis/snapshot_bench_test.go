// Benchmarks of snapshots: keys a second, written and loaded.

package redis

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

const benchKeys = 200_000

func benchRig(b *testing.B) *rig {
	r := newRig(b, core.Options{})
	c := r.client()
	for i := range benchKeys {
		c.do("set", "key:"+strconv.Itoa(i), "value:"+strconv.Itoa(i)+" and some more bytes")
	}
	return r
}

func BenchmarkSnapshotWrite(b *testing.B) {
	r := benchRig(b)
	for b.Loop() {
		if err := r.e.writeSnapshot(context.Background(), io.Discard, rdbAux{}, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchKeys, "ns/key")
}

// BenchmarkSnapshotLoadHashes loads small hashes, which lie in one listpack each.
func BenchmarkSnapshotLoadHashes(b *testing.B) {
	r := newRig(b, core.Options{})
	c := r.client()
	for i := range benchKeys {
		args := []string{"hset", "hash-key:" + strconv.Itoa(i)}
		for f := range 5 {
			args = append(args, "field-0"+strconv.Itoa(f), strconv.FormatUint(uint64(i*5+f)*0x9E3779B97F4A7C15|1<<63, 36)[:12])
		}
		c.do(args...)
	}
	benchLoad(b, r)
}

func BenchmarkSnapshotLoad(b *testing.B) { benchLoad(b, benchRig(b)) }

// benchLoad loads what from holds.
func benchLoad(b *testing.B, from *rig) {
	var file bytes.Buffer
	if err := from.e.writeSnapshot(context.Background(), &file, rdbAux{}, nil); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		r := newRig(b, core.Options{})
		b.StartTimer()
		if err := r.e.loadSnapshot(bytes.NewReader(file.Bytes()), 0); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchKeys, "ns/key")
}
