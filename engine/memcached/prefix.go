// stats detail: counts by the part of the key before a delimiter.

package memcached

import (
	"bytes"
	"sync"
	"sync/atomic"
)

// prefixEvent is what happened to a key.
type prefixEvent uint8

const (
	prefixGet prefixEvent = iota
	prefixSet
	prefixDelete
)

// maxPrefixes bounds the memory that clients can make stats detail use: keys with new prefixes are then not counted.
const maxPrefixes = 1 << 16

// prefixCount is what stats detail dump shows of one prefix.
type prefixCount struct{ gets, hits, sets, deletes uint64 }

// prefixes counts by prefix while on. A key without the delimiter has no prefix and is not counted. mu guards counts;
// it may be taken with a shard locked and calls nothing while held.
type prefixes struct {
	on        atomic.Bool
	delimiter byte

	mu     sync.Mutex
	counts map[string]*prefixCount
	order  []string
}

func (p *prefixes) count(key []byte, what prefixEvent, hit bool) {
	n := bytes.IndexByte(key, p.delimiter)
	if n < 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.counts[string(key[:n])]
	if c == nil {
		if len(p.counts) >= maxPrefixes {
			return
		}
		if p.counts == nil {
			p.counts = map[string]*prefixCount{}
		}
		c = &prefixCount{}
		name := string(key[:n])
		p.counts[name] = c
		p.order = append(p.order, name)
	}
	switch what {
	case prefixGet:
		c.gets++
		if hit {
			c.hits++
		}
	case prefixSet:
		c.sets++
	case prefixDelete:
		c.deletes++
	}
}

// dump appends the report, prefixes in the order in which they were first seen.
func (p *prefixes) dump(dst []byte) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, name := range p.order {
		c := p.counts[name]
		dst = append(dst, "PREFIX "...)
		if isPlain([]byte(name)) {
			dst = append(dst, name...)
		} else {
			dst = appendEscaped(dst, []byte(name)) // keys in base64 and of the binary protocol may hold anything
		}
		dst = appendUint(append(dst, " get "...), c.gets)
		dst = appendUint(append(dst, " hit "...), c.hits)
		dst = appendUint(append(dst, " set "...), c.sets)
		dst = appendUint(append(dst, " del "...), c.deletes)
		dst = append(dst, "\r\n"...)
	}
	return append(dst, "END\r\n"...)
}

// reset forgets everything.
func (p *prefixes) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts, p.order = nil, nil
}
