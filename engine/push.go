// push: bytes that other connections leave for one, shared by all that get them.

package engine

// post is one thing that waits for its connection's loop: a function to run there, or a message to send.
type post struct {
	run     func(w *Worker)
	message []byte
}

const (
	keepPosts  = 4        // room for so many posts stays with a connection that has had one
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
	if hard := c.srv.OutHard(Class(c.class.Load())); hard > 0 && waiting+c.pendings.Load() > hard || len(c.posts) >= maxPosts {
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

// addPost queues a post; c.mu is held.
func (c *Conn) addPost(p post) {
	if c.posts == nil {
		c.posts = make([]post, 0, keepPosts)
	}
	c.posts = append(c.posts, p)
}

// nextPosts moves the messages that are next to the worker's output, until that wants flushing, and takes the function behind them. done:
// nothing is left. From then on a new post asks for a new visit.
func (c *Conn) nextPosts(w *Worker) (run func(w *Worker), done bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mailed = false
	i, bytes := 0, 0
	for i < len(c.posts) && run == nil && !w.Full() {
		p := &c.posts[i]
		if run = p.run; run == nil {
			w.Out = append(w.Out, p.message...)
			bytes += len(p.message)
		}
		*p = post{}
		i++
	}
	if done = i == len(c.posts); done {
		c.posts = c.posts[:0]
		if cap(c.posts) > keepPosts {
			c.posts = nil
		}
	} else {
		c.posts = c.posts[i:]
	}
	c.unpush(bytes)
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
	kept, bytes := c.posts[:0], 0
	for _, p := range c.posts {
		if p.run != nil {
			kept = append(kept, p)
			continue
		}
		w.Out = append(w.Out, p.message...)
		bytes += len(p.message)
	}
	clear(c.posts[len(kept):])
	c.posts = kept
	c.unpush(bytes)
}

// unpush takes note of bytes of messages that do not wait any more; c.mu is held.
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

// dropPosts forgets what waits; c.mu is held.
func (c *Conn) dropPosts() {
	c.posts = nil
	c.unpush(int(c.pushed.Load()))
}
