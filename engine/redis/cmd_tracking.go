// CLIENT TRACKING and what belongs to it: copies that clients keep of keys, and how they learn that a key has changed.

package redis

import (
	"slices"
	"strings"

	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// trackingSubcommands are rows of CLIENT.
func trackingSubcommands() []*command {
	const plain = noscript | loading | stale | free
	sub := func(name string, arity int, since, syntax, sum string, run func(*client) error) *command {
		return &command{name: name, arity: arity, flags: plain, cats: catConnection, since: since, syntax: syntax, cost: "O(1)", sum: sum, run: run}
	}
	on := sub("tracking", -3, "6.0.0", `status:<ON | OFF> ["REDIRECT" client-id:int] ["PREFIX" prefix+...] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]`,
		"Says whether the connection is told of changes of the keys it has read.", cmdCLIENTTRACKING)
	on.cost = "O(1), and O(N) for N prefixes."
	return []*command{
		sub("caching", 3, "6.0.0", "mode:<YES | NO>", "Says whether the keys of the next command are tracked.", cmdCLIENTCACHING),
		sub("getredir", 2, "6.0.0", "", "Tells the number of the connection that gets the invalidations.", cmdCLIENTGETREDIR),
		on,
		sub("trackinginfo", 2, "6.2.0", "", "Tells how keys are tracked for the connection.", cmdCLIENTTRACKINGINFO),
	}
}

// trackingRequest is what CLIENT TRACKING asks for.
type trackingRequest struct {
	mode     uint32
	to       uint64
	prefixes [][]byte
}

// CLIENT TRACKING ON | OFF [REDIRECT client-id] [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]
func cmdCLIENTTRACKING(c *client) error {
	r, err := c.readTracking(c.args[3:])
	if err != nil {
		return err
	}
	on, ok := onOff(c.args[2])
	switch {
	case !ok:
		return errSyntax
	case !on:
		c.untrack()
	default:
		if err := c.checkTracking(&r); err != nil {
			return err
		}
		c.startTracking(&r)
	}
	c.ok()
	return nil
}

func (c *client) readTracking(args [][]byte) (r trackingRequest, err error) {
	r.mode = trackOn
	for ; len(args) > 0; args = args[1:] {
		switch word := args[0]; {
		case equalFold(word, "redirect") && len(args) > 1:
			args = args[1:]
			if r.to != 0 {
				return r, errTrackingTwoRedirects
			}
			id, ok := resp.ParseInt(args[0])
			if !ok {
				return r, errNotInt
			}
			if c.e.server.Load().Conn(uint64(id)) == nil {
				return r, errTrackingNoRedirect
			}
			r.to = uint64(id)
		case equalFold(word, "bcast"):
			r.mode |= trackBcast
		case equalFold(word, "optin"):
			r.mode |= trackOptIn
		case equalFold(word, "optout"):
			r.mode |= trackOptOut
		case equalFold(word, "noloop"):
			r.mode |= trackNoLoop
		case equalFold(word, "prefix") && len(args) > 1:
			args = args[1:]
			r.prefixes = append(r.prefixes, args[0])
		default:
			return r, errSyntax
		}
	}
	return r, nil
}

// checkTracking refuses what contradicts itself or what is already in force.
func (c *client) checkTracking(r *trackingRequest) error {
	const both = trackOptIn | trackOptOut
	now := c.trackMode()
	switch {
	case r.mode&trackBcast == 0 && len(r.prefixes) > 0:
		return errTrackingPrefix
	case now != 0 && (now^r.mode)&trackBcast != 0:
		return errTrackingSwitchBcast
	case r.mode&trackBcast != 0 && r.mode&both != 0:
		return errTrackingBcastOpt
	case r.mode&both == both:
		return errTrackingBothOpts
	case r.mode&trackOptIn != 0 && now&trackOptOut != 0, r.mode&trackOptOut != 0 && now&trackOptIn != 0:
		return errTrackingSwitchOpt
	}
	if r.mode&trackBcast == 0 {
		return nil
	}
	return c.checkPrefixes(r.prefixes)
}

// trackMode is 0 for a client that tracks nothing.
func (c *client) trackMode() uint32 {
	if c.track == nil {
		return 0
	}
	return c.track.mode.Load()
}

// checkPrefixes refuses prefixes of which one is the start of another: the client would be told twice. Prefixes that are the start of one
// another are neighbours in ascending order; only where there are such, the pair that the error names is looked for.
func (c *client) checkPrefixes(prefixes [][]byte) error {
	if len(prefixes) == 0 {
		return nil
	}
	sorted := make([]string, len(prefixes))
	for i, p := range prefixes {
		sorted[i] = string(p)
	}
	var mine []string
	if c.trackMode() != 0 {
		mine = c.track.prefixes
	}
	sorted = append(sorted, mine...)
	slices.Sort(sorted)
	clash := false
	for i := 1; i < len(sorted) && !clash; i++ {
		clash = strings.HasPrefix(sorted[i], sorted[i-1])
	}
	if !clash {
		return nil
	}
	for i, p := range prefixes {
		for _, m := range mine {
			if overlap(string(p), m) {
				return errorf("ERR Prefix '%s' overlaps with an existing prefix '%s'. Prefixes for a single client must not overlap.", cstr(p, len(p)), cstr([]byte(m), len(m)))
			}
		}
		for _, q := range prefixes[i+1:] {
			if overlap(string(p), string(q)) {
				return errorf("ERR Prefix '%s' overlaps with another provided prefix '%s'. Prefixes for a single client must not overlap.", cstr(p, len(p)), cstr(q, len(q)))
			}
		}
	}
	return nil
}

func overlap(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }

// startTracking begins, or changes what is in force. Prefixes are added to those that are there.
func (c *client) startTracking(r *trackingRequest) {
	t := c.track
	if t == nil {
		t = &tracker{e: c.e, c: c, id: c.conn.ID, feeding: true}
		c.track = t
	}
	t.to.Store(r.to)
	t.mode.Store(r.mode)
	c.e.trackers.all.Store(t.id, t)
	if r.mode&trackBcast == 0 {
		return
	}
	prefixes := []string{""}
	if len(r.prefixes) > 0 {
		prefixes = prefixes[:0]
		for _, p := range r.prefixes {
			prefixes = append(prefixes, string(p))
		}
	}
	c.e.trackers.casts.join(t, prefixes)
}

// CLIENT CACHING YES | NO
func cmdCLIENTCACHING(c *client) error {
	mode := c.trackMode()
	switch {
	case mode == 0:
		return errCachingOff
	case equalFold(c.args[2], "yes"):
		if mode&trackOptIn == 0 {
			return errCachingYes
		}
	case equalFold(c.args[2], "no"):
		if mode&trackOptOut == 0 {
			return errCachingNo
		}
	default:
		return errSyntax
	}
	c.track.caching = true
	c.ok()
	return nil
}

// redirection is -1 for a client that tracks nothing.
func (e *Engine) redirection(id uint64) int64 {
	if t, ok := e.trackers.all.Load(id); ok {
		return int64(t.to.Load())
	}
	return -1
}

// trackFlags are the letters of CLIENT LIST.
func (e *Engine) trackFlags(id uint64) (s string) {
	t, ok := e.trackers.all.Load(id)
	if !ok {
		return ""
	}
	s = "t"
	mode := t.mode.Load()
	if mode&trackBroken != 0 {
		s += "R"
	}
	if mode&trackBcast != 0 {
		s += "B"
	}
	return s
}

// CLIENT GETREDIR
func cmdCLIENTGETREDIR(c *client) error {
	c.integer(c.e.redirection(c.conn.ID))
	return nil
}

// CLIENT TRACKINGINFO
func cmdCLIENTTRACKINGINFO(c *client) error {
	mode := c.trackMode()
	words := []string{"off"}
	if mode != 0 {
		words[0] = "on"
	}
	for _, w := range []struct {
		bit        uint32
		name, more string
	}{{trackBcast, "bcast", ""}, {trackOptIn, "optin", "caching-yes"}, {trackOptOut, "optout", "caching-no"}, {trackNoLoop, "noloop", ""}, {trackBroken, "broken_redirect", ""}} {
		if mode&w.bit == 0 {
			continue
		}
		words = append(words, w.name)
		if w.more != "" && c.track.caching {
			words = append(words, w.more)
		}
	}
	c.mapping(3)
	c.bulkString("flags")
	c.set(len(words))
	for _, w := range words {
		c.bulkString(w)
	}
	c.bulkString("redirect")
	c.integer(c.e.redirection(c.conn.ID))
	c.bulkString("prefixes")
	if mode == 0 {
		c.array(0)
		return nil
	}
	c.array(len(c.track.prefixes))
	for _, p := range c.track.prefixes {
		c.bulkString(p)
	}
	return nil
}
