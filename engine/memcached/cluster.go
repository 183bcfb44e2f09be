// cluster: the list of nodes that the server tells clients who discover them by themselves, as ElastiCache's clients do.

package memcached

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

const (
	// clusterName is the one name that config knows; legacyKey is how clients ask for it that do not know config.
	clusterName = "cluster"
	legacyKey   = "AmazonElastiCache:cluster"

	maxCluster = 64 << 10 // bytes of a list: some 700 nodes
)

// topology is one state of the list. It is never changed. Clients take a list for newer if its version is higher.
type topology struct {
	flags   uint32
	version uint64
	data    []byte // the version, a newline, the nodes with blanks between them, a newline: what is sent
}

// cluster is what the engine tells now.
type cluster struct {
	now atomic.Pointer[topology] // nil: no list
	mu  sync.Mutex               // of whoever changes it; guards what follows

	nodes   string // of the settings when they were last looked at
	version int64
}

var (
	errTopology   = errors.New("want a version, a newline, and nodes as host|ip|port with blanks between them")
	errOldVersion = errors.New("the version is not above that of the list there is")
)

// parseTopology checks what a client sends as a list and makes its end a single newline, which clients rely on.
func parseTopology(flags uint32, text []byte) (*topology, error) {
	first, nodes, ok := bytes.Cut(bytes.TrimRight(text, "\r\n"), []byte("\n"))
	first = bytes.TrimSuffix(first, []byte("\r"))
	version, number := parseU64(first)
	if !ok || !number || version == 0 || len(text) > maxCluster {
		return nil, errTopology
	}
	for _, node := range bytes.Split(nodes, []byte(" ")) {
		if !isNode(string(node)) {
			return nil, errTopology
		}
	}
	return newTopology(flags, version, string(nodes)), nil
}

func newTopology(flags uint32, version uint64, nodes string) *topology {
	data := append(strconv.AppendUint(nil, version, 10), '\n')
	return &topology{flags, version, append(append(data, nodes...), '\n')}
}

func (t *topology) nodes() []byte {
	_, nodes, _ := bytes.Cut(t.data, []byte("\n"))
	return bytes.TrimSuffix(nodes, []byte("\n"))
}

// isNode tells whether a word is host|ip|port; the address may be missing.
func isNode(word string) bool {
	parts := strings.Split(word, "|")
	if len(parts) != 3 || parts[0] == "" || parts[1] != "" && net.ParseIP(parts[1]) == nil {
		return false
	}
	for _, c := range []byte(parts[0]) {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	port, err := strconv.ParseUint(parts[2], 10, 16)
	return err == nil && port != 0
}

// set replaces the list by a newer one. The same list again is no error, so that whoever got no answer may ask again.
func (c *cluster) set(t *topology) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.now.Load()
	switch {
	case old == nil || t.version > old.version:
		c.now.Store(t)
		return nil
	case bytes.Equal(t.data, old.data) && t.flags == old.flags:
		return nil
	}
	return errOldVersion
}

// remove forgets the list; false: there is none.
func (c *cluster) remove() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now.Swap(nil) != nil
}

// configure follows the settings: a changed list gets the version that they name, or the next one if that is not above the
// one there is.
func (c *cluster) configure(nodes string, version int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if nodes == c.nodes && version == c.version {
		return
	}
	c.nodes, c.version = nodes, version
	if nodes == "" {
		c.now.Store(nil)
		return
	}
	next := uint64(version)
	if old := c.now.Load(); old != nil {
		next = max(next, old.version+1)
	}
	c.now.Store(newTopology(0, next, nodes))
}

// recall goes on with the list of before a restart. Nodes that the settings name take precedence; either way the version only rises.
func (c *cluster) recall(t *topology) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now.Load()
	switch {
	case now == nil, bytes.Equal(t.nodes(), now.nodes()) && t.version > now.version:
		c.now.Store(t)
	case t.version >= now.version:
		c.now.Store(newTopology(now.flags, t.version+1, string(now.nodes())))
	}
}

// followCluster has the list follow the settings.
func (e *Engine) followCluster() {
	follow := func() {
		before := e.cluster.now.Load()
		e.cluster.configure(e.conf.Get("cluster-nodes"), e.conf.Int("cluster-version"))
		if now := e.cluster.now.Load(); now != before && now != nil {
			e.log.Info(fmt.Sprintf("clients are told of version %d of the list of nodes", now.version))
		}
	}
	follow()
	e.conf.OnReload(follow)
}

// mayChangeCluster tells whether a client may change the list. Whoever can sends all clients where he likes: where nobody has to authenticate,
// the usual setting lets clients of this machine only.
func (x *call) mayChangeCluster() bool {
	switch x.e.conf.Get("cluster-changes") {
	case "yes":
		return true
	case "local":
		return x.e.auth.required && x.s.authed || x.s.local()
	}
	return false
}

// local tells of a client of this machine.
func (s *session) local() bool {
	if s.c.Unix() {
		return true
	}
	tcp, ok := s.c.Remote().(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// legacy is the list, if that is what a key asks for. It costs whoever asks for other keys a comparison of lengths.
func (e *Engine) legacy(key []byte) *topology {
	if len(key) != len(legacyKey) || string(key) != legacyKey {
		return nil
	}
	return e.cluster.now.Load()
}
