// gate on the loops: a connection whose replies are held back is in its loop's list.

package engine

// passes tells whether the replies of c may be sent. If not, c is in the list of those that wait, or is about to be closed.
func (l *loop) passes(c *Conn) bool {
	v := c.ask()
	if v == Shut {
		l.hold(c)
		v = c.ask() // the gate may have moved before we were seen to wait
	}
	switch v {
	case Open:
		l.letGo(c)
		c.opened()
		return true
	case Never:
		l.letGo(c)
		l.giveUp(c, lostReplies)
	}
	return false
}

func (l *loop) hold(c *Conn) {
	if c.heldAt == 0 {
		l.held = append(l.held, c)
		c.heldAt = len(l.held)
		c.flags.Or(flagWaits)
		l.holding.Store(true)
	}
}

// letGo takes c out of the list.
func (l *loop) letGo(c *Conn) {
	if c.heldAt == 0 {
		return
	}
	last := len(l.held) - 1
	other := l.held[last]
	l.held[c.heldAt-1], other.heldAt = other, c.heldAt
	l.held[last] = nil
	l.held = l.held[:last]
	c.heldAt = 0
	l.holding.Store(last > 0)
}

// settleRound gives the gate the occasion to do for all replies of this round what they wait for, before they are looked at one by one. It is a turn of its own, of a
// connection that is none, so a disk that does not answer costs the loop its thread and nobody their turn. false: that has happened.
func (t *thread) settleRound(l *loop) bool {
	pos := l.outbox.after
	g := t.fleet.srv.gate.Load()
	if pos == 0 || g == nil {
		return true
	}
	l.outbox.after = 0
	t.begin(l, &l.nobody)
	(*g).Settle(pos)
	return t.end(l)
}

// gateMoved is an order to the loops that hold something back.
func (f *fleet) gateMoved() {
	for _, l := range *f.running.Load() {
		if l.holding.Load() && l.asked.CompareAndSwap(false, true) {
			l.tell(l.lookAtHeld)
		}
	}
}

// askForHeld sends what may go out by now. It runs no session: whoever has to end, or has more to do, gets its turn afterwards.
func (l *loop) askForHeld(*thread) {
	l.asked.Store(false)
	for i := 0; i < len(l.held); {
		c := l.held[i]
		if c.has(flagHeld) { // the visit after its late turn asks
			i++
			continue
		}
		if l.passes(c) {
			l.sendHeld(c)
		} else if c.heldAt != 0 {
			i++
		}
	}
}

// sendHeld sends what was held back for c, which goes on.
func (l *loop) sendHeld(c *Conn) {
	if c.out != nil && !c.has(flagKilled) {
		sent, err := l.sendAll(c, c.out[c.sent:])
		if err != nil {
			l.giveUp(c, err.Error())
			return
		}
		c.setOut(c.out, c.sent+sent)
	}
	l.again(c)
}
