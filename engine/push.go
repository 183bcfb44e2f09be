// push: bytes that other connections leave for one, shared by all that get them.

package engine

// post is one thing that waits for its connection's loop: a function to run there, or a message to send.
type post struct {
	run     func(w *Worker)
	message []byte
}

// postbox holds what waits for one connection, list[next:]. It is lent to the connection for as long as something waits, so that one that is
// idle holds nothing, and busy ones grow no new lists.
type postbox struct {
	list []post
	next int
}

const (
	keepPosts  = 1024     // a longer list is not lent again
	pushesStep = 64 << 10 // waiting messages are charged to the server's buffers in such steps, a few of them not at all
)

// Push sends a message to the connection, from any goroutine, in order with other messages and posts. b is not copied before it is the
// connection's turn, so it must never change; one message for a thousand connections is kept once. What waits counts as pending
// output: the hard limit of the connection's class closes it. Nothing may be locked that a session's method takes, and the cost is that of
// two short locks. false: the connection is gone or going.
func (c *Conn) Push(b []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone || c.has(flagKilled) {
		return false
	}
	waiting := c.pushed.Load() + int64(len(b))
	if hard := c.srv.OutHard(Class(c.class.Load())); hard > 0 && waiting+c.pendings.Load() > hard || c.posts() >= maxPosts {
		c.noteLimit(hardLimit)
		c.dropPosts()
		c.kill(hardLimit)
		return false
	}
	c.addPost(post{message: b})
	c.pushed.Store(waiting)
	if waiting-c.charged >= pushesStep {
		c.srv.addBuffers(waiting - c.charged)
		c.charged = waiting
	}
	c.mail()
	return true
}

// posts is how many wait; c.mu is held, as in all that follow.
func (c *Conn) posts() int {
	if c.box == nil {
		return 0
	}
	return len(c.box.list) - c.box.next
}

func (c *Conn) addPost(p post) {
	if c.box == nil {
		c.box = c.srv.boxes.Get().(*postbox)
	}
	c.box.list = append(c.box.list, p)
}

// returnBox gives an empty box back.
func (c *Conn) returnBox() {
	box := c.box
	c.box = nil
	if cap(box.list) <= keepPosts {
		box.list, box.next = box.list[:0], 0
		c.srv.boxes.Put(box)
	}
}

// nextPosts moves the messages that are next to the worker's output, until that wants flushing, and takes the function behind them. done:
// nothing is left. From then on a new post asks for a new visit.
func (c *Conn) nextPosts(w *Worker) (run func(w *Worker), done bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mailed = false
	box := c.box
	if box == nil {
		return nil, true
	}
	bytes := 0
	for box.next < len(box.list) && run == nil && !w.Full() {
		p := &box.list[box.next]
		if run = p.run; run == nil {
			w.Out = append(w.Out, p.message...)
			bytes += len(p.message)
		}
		*p = post{}
		box.next++
	}
	c.unpush(bytes)
	if done = box.next == len(box.list); done {
		c.returnBox()
	}
	return run, done
}

// Collect (owner) puts the messages that wait in front of what the session is going to append to w.Out. What it has appended so far comes
// before them. Functions posted stay where they are.
func (c *Conn) Collect(w *Worker) {
	if c.pushed.Load() == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	box, bytes := c.box, 0
	kept := box.list[:box.next]
	for _, p := range box.list[box.next:] {
		if p.run != nil {
			kept = append(kept, p)
			continue
		}
		w.Out = append(w.Out, p.message...)
		bytes += len(p.message)
	}
	clear(box.list[len(kept):])
	box.list = kept
	c.unpush(bytes)
	if c.posts() == 0 {
		c.returnBox()
	}
}

// unpush takes note of bytes of messages that do not wait any more.
func (c *Conn) unpush(bytes int) {
	if bytes == 0 {
		return
	}
	left := c.pushed.Load() - int64(bytes)
	c.pushed.Store(left)
	if c.charged > left {
		c.srv.addBuffers(left - c.charged)
		c.charged = left
	}
}

// dropPosts forgets what waits.
func (c *Conn) dropPosts() {
	c.box = nil
	c.unpush(int(c.pushed.Load()))
}
