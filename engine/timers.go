// A heap of the connections that have a deadline, kept by one loop; it never ticks, it only says when the next one is due.

package engine

// timers is a binary heap by time. A connection is in it at most once and knows its place (Conn.timerPos), so that it
// can be taken out when it closes. Deadlines that move back while a connection is active stay where they are
// and are looked at again when they fire, so a request costs no heap work.
type timers struct {
	heap []timer
}

type timer struct {
	when int64 // ns since the server began
	c    *Conn
}

// next is when the first deadline is due, 0 if there is none.
func (t *timers) next() int64 {
	if len(t.heap) == 0 {
		return 0
	}
	return t.heap[0].when
}

// set gives c a deadline, replacing a later one; an earlier one stays.
func (t *timers) set(c *Conn, when int64) {
	if i := int(c.timerPos) - 1; i >= 0 {
		if t.heap[i].when > when {
			t.heap[i].when = when
			t.up(i)
		}
		return
	}
	t.heap = append(t.heap, timer{when, c})
	c.timerPos = int32(len(t.heap))
	t.up(len(t.heap) - 1)
}

// due takes out the first connection whose time has come, nil if there is none.
func (t *timers) due(now int64) *Conn {
	if len(t.heap) == 0 || t.heap[0].when > now {
		return nil
	}
	c := t.heap[0].c
	t.remove(c)
	return c
}

// remove takes c out, if it is there.
func (t *timers) remove(c *Conn) {
	i := int(c.timerPos) - 1
	if i < 0 {
		return
	}
	c.timerPos = 0
	last := len(t.heap) - 1
	moved := t.heap[last]
	t.heap[last] = timer{}
	t.heap = t.heap[:last]
	if cap(t.heap) > 64 && len(t.heap) < cap(t.heap)/4 {
		t.heap = append(make([]timer, 0, cap(t.heap)/2), t.heap...)
	}
	if i == last {
		return
	}
	t.heap[i] = moved
	moved.c.timerPos = int32(i + 1)
	t.up(i)
	t.down(int(moved.c.timerPos) - 1)
}

func (t *timers) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if t.heap[parent].when <= t.heap[i].when {
			break
		}
		t.swap(i, parent)
		i = parent
	}
}

func (t *timers) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(t.heap) {
			return
		}
		if child+1 < len(t.heap) && t.heap[child+1].when < t.heap[child].when {
			child++
		}
		if t.heap[i].when <= t.heap[child].when {
			return
		}
		t.swap(i, child)
		i = child
	}
}

func (t *timers) swap(i, j int) {
	t.heap[i], t.heap[j] = t.heap[j], t.heap[i]
	t.heap[i].c.timerPos, t.heap[j].c.timerPos = int32(i+1), int32(j+1)
}
