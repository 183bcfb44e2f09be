// Shapes: data sets of Redis types whose resident memory is weighed, for `bench memory --shape`.

package bench

import (
	"context"
	"fmt"
)

// shapes are workloads that load and ask nothing.
var shapes = []workload{
	{name: "zset", about: "one sorted set: members of 15 B, scores with a fraction",
		load: []string{"ZADD key:board {rand:100000-999999}.{digits:6} member:{key}"}},
	{name: "hash", about: "one hash: fields and values of 14 B", load: []string{loadHash}},
	{name: "set", about: "one set: members of 15 B", load: []string{loadSet}},
	{name: "small-hashes", about: "hashes of 10 fields of 8 B with values of 12 B", per: 10,
		load: []string{"HSET key:hash:{key}" + smallPairs(10)}},
	{name: "list", about: "one list: elements of 16 B", load: []string{loadList}},
	{name: "stream", about: "one stream: entries of one field with a value of 9 B", load: []string{"XADD key:stream * user u{key}"}},
}

// smallPairs writes n fields of 8 bytes with values of 12.
func smallPairs(n int) string {
	text := ""
	for i := range n {
		text += fmt.Sprintf(" field:%d value:{digits:6}", 10+i)
	}
	return text
}

var shapeColumns = []column{
	{key: "items", label: "items", format: countText},
	{key: "added_mb", label: "added", format: megaText, better: lower, ratio: true, chart: "Resident memory added, MB"},
	{key: "bytes_per_item", label: "B/item", format: plainText, better: lower},
}

// runShapes weighs the shapes that --shape names on one target after the other.
func runShapes(ctx context.Context, s *session) (*report, error) {
	chosen, err := choose(shapes, "--shape", s.options.shapes)
	if err == nil {
		err = s.fitForTypes("--shape", "key-size", "value-size", "ttl", "pipeline", "connections", "threads")
	}
	if err != nil {
		return nil, err
	}
	r := &report{title: "Memory of data types", columns: shapeColumns}
	for _, w := range chosen {
		for _, t := range s.targets {
			added, err := s.weigh(ctx, t, w)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			r.addTarget(t)
			r.entries[len(r.entries)-1].workload = w.name
			t.stop()
			if err != nil {
				r.fail(w, t, err)
				continue
			}
			items := w.numbers(s.options.keys) * max(w.per, 1)
			r.addRound(len(r.entries)-1, []float64{float64(items), megabytes(added), float64(added) / float64(items)})
		}
	}
	return r, nil
}

// weigh is the RSS that a shape adds to an empty server.
func (s *session) weigh(ctx context.Context, t *target, w *workload) (int64, error) {
	keys := uint64(0)
	for _, word := range w.keyWords() {
		p, err := newPhrase("DEL "+word, s.options.keys)
		if err != nil {
			return 0, err
		}
		if keys++; p.numbered {
			keys += w.numbers(s.options.keys) - 1
		}
	}
	if err := s.empty(ctx, t); err != nil {
		return 0, err
	}
	return s.weight(ctx, t, keys, func() error { return s.furnish(ctx, t, w) })
}
