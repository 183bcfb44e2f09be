// Conn: one client connection as its session and other goroutines see it.

package engine

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// The flags of a connection. Those marked o are only changed by the owner, all are read by anybody.
const (
	flagSettled   uint32 = 1 << iota // o: the first valid command is done
	flagSuspended                    // Suspend without Resume
	flagAwait                        // waiting for the store
	flagClosing                      // o: Close was called; what is pending still goes out
	flagKilled                       // Kill was called, or a limit was exceeded
	flagHeld                         // a late thread owns the connection, its loop must leave it alone
	flagDead                         // o: gone; no session method is called any more
	flagExempt                       // o: the idle timeout does not apply
	flagStopping                     // the server shuts down: close when nothing is pending
	flagWaits                        // o: its replies are held back by the gate
)

// flagsBlocked are those under which no request of the connection is run.
const flagsBlocked = flagSuspended | flagAwait | flagClosing | flagKilled | flagDead | flagWaits

// maxPosts bounds what others may queue for a connection that does not get to run it.
const maxPosts = 1 << 20

// driver is who runs connections: an epoll loop, or the goroutines of the portable path.
type driver interface {
	// visit asks the owner to look at c soon: posts, kill, resume. It is called with c.mu held.
	visit(c *Conn)
	number() int
}

// Conn is one client connection. Methods marked "owner" may only be called from its own session's methods; all others
// from any goroutine.
type Conn struct {
	ID      uint64    // never used twice, ascending, from 1
	Created time.Time // when it was accepted

	srv     *Server
	session Session
	from    *listener
	peer    netip.AddrPort
	fd      int // -1 on the portable path; closed under mu
	flags   atomic.Uint32

	// The owner's: the loop or thread that runs the connection. in is the rest of the input that no request has taken yet,
	// out[sent:] what the kernel did not take yet. Both are nil while there is nothing to keep.
	in, out   []byte
	sent      int
	want      int     // no use in feeding less than this
	limits    *Limits // own limits, nil: the server's
	softSince int64   // since when the soft limit is exceeded, 0 not
	after     uint64  // replies wait for the gate to reach this position; 0: for nothing
	heldAt    int     // place in the loop's list of those that do, from 1; 0 none
	wake      int64   // when the session, a Timed, wants to be called, 0 never
	timerPos  int32   // place in the loop's timer heap, from 1; 0 none
	epoch     uint32  // window in which the loop counted it as active
	more      bool    // the kernel may hold unread input
	unfed     bool    // in may hold complete requests
	queued    bool    // in the loop's list of connections with work left
	eof       bool    // the peer has sent everything
	posted    bool    // a reply waits in the loop's outbox
	missed    bool    // events were skipped while a late thread held the connection
	place     driver  // whose epoll set the socket is in

	// Counters, written by the owner, read by anybody.
	bytesIn, bytesOut, active    atomic.Int64
	queryLen, queryCap, pendings atomic.Int64

	class  atomic.Uint32 // whose of the server's limits; changed by the owner
	pushed atomic.Int64  // bytes of messages in box; changed under mu

	stream *stream // the portable path's part, nil on an epoll loop
	tls    *secure // nil without TLS

	mu      sync.Mutex // guards what follows, and fd against being closed while it is used by others
	home    driver     // who runs the connection now
	box     *postbox   // nil while nothing waits
	charged int64      // bytes of pushed that count as the server's buffers
	mailed  bool       // home was asked to visit and has not begun to
	resumes uint32     // flags to be cleared at the next visit
	gone    bool       // no more posts
	why     string     // reason of Close or Kill, the first one given
}

// has tells whether any of the flags is set.
func (c *Conn) has(flags uint32) bool { return c.flags.Load()&flags != 0 }

// Server is the server that accepted the connection; Session its protocol state, for Post and listings: its fields are the
// engine's to guard.
func (c *Conn) Server() *Server  { return c.srv }
func (c *Conn) Session() Session { return c.session }

// Remote is the peer's address as the kernel gave it.
func (c *Conn) Remote() net.Addr {
	if c.Unix() {
		return &net.UnixAddr{Net: "unix", Name: c.from.path}
	}
	return net.TCPAddrFromAddrPort(c.peer)
}

// Local is the address the peer connected to.
func (c *Conn) Local() net.Addr {
	if c.Unix() {
		return c.from.addr
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.gone {
		if a := c.localAddr(); a != nil {
			return a
		}
	}
	return c.from.addr
}

// Unix tells a unix socket (not of a Conn that no listener made: tests have such). FD is the socket's number, -1 on the portable path.
func (c *Conn) Unix() bool { return c.from != nil && c.from.path != "" }
func (c *Conn) FD() int    { return c.fd }

// Close (owner) sends what Out holds, then closes; why goes to the log at debug level.
func (c *Conn) Close(why string) {
	c.reason(why)
	c.flags.Or(flagClosing)
}

// Kill closes the connection from any goroutine, without sending what is pending.
func (c *Conn) Kill(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone || c.has(flagKilled) {
		return
	}
	c.kill(why)
}

// KillFull (any) is Kill for a connection that does not take what others send it; it is counted as closed for its pending output.
func (c *Conn) KillFull() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone || c.has(flagKilled) {
		return
	}
	c.noteLimit(hardLimit)
	c.kill(hardLimit)
}

// kill does what Kill says; c.mu is held.
func (c *Conn) kill(why string) {
	if c.why == "" {
		c.why = why
	}
	c.flags.Or(flagKilled)
	c.hangUp() // at once for the peer, even if a late command keeps the connection
	c.mail()
}

// Why (any) is the first reason that was given for the end of the connection, "" if none was.
func (c *Conn) Why() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.why
}

// reason keeps the first cause given.
func (c *Conn) reason(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.why == "" {
		c.why = why
	}
}

// Post runs f on the loop that owns the connection, in order with other posts and between two Feeds. false: the connection is gone.
// What f appends to w.Out goes to the connection.
func (c *Conn) Post(f func(w *Worker)) bool {
	c.mu.Lock()
	defer c.mu.Unlock() // whatever goes wrong: who ends the connection then needs it
	if c.gone {
		return false
	}
	if c.posts() >= maxPosts {
		if !c.has(flagKilled) {
			c.kill("too many messages wait for the connection")
		}
		return false
	}
	c.addPost(post{run: f})
	c.mail()
	return true
}

// mail asks for a visit unless one is on its way. c.mu is held.
func (c *Conn) mail() {
	if !c.mailed && c.home != nil { // without a home it is a test that feeds its session by hand
		c.mailed = true
		c.home.visit(c)
	}
}

// Suspend (owner) stops feeding the connection after the current request; Resume (any) goes on. Replies still go out. A suspended
// connection whose peer hangs up is closed at once.
func (c *Conn) Suspend() {
	c.mu.Lock()
	c.resumes &^= flagSuspended
	c.mu.Unlock()
	c.flags.Or(flagSuspended)
}

// Resume lets a suspended connection go on, after the posts made before.
func (c *Conn) Resume() { c.unblock(flagSuspended) }

// GoOn (owner, in a post) is Resume that needs no further visit.
func (c *Conn) GoOn() {
	c.flags.And(^flagSuspended)
	c.unfed, c.want = len(c.in) > 0, 0
}

// WakeAt (owner, with Suspend) has the session, a Timed, called after a while; a negative one takes that back.
func (c *Conn) WakeAt(after time.Duration) {
	if c.wake = 0; after >= 0 {
		c.wake = c.srv.now() + int64(after)
	}
}

// Killed tells that the connection is about to end by Kill, or has ended.
func (c *Conn) Killed() bool { return c.has(flagKilled | flagDead) }

// awaken calls the session. Owner only.
func (c *Conn) awaken() {
	if c.wake = 0; c.session != nil {
		c.Post(c.session.(Timed).Due)
	}
}

// AwaitStore (owner) suspends until the store is no longer held exclusively.
func (c *Conn) AwaitStore() {
	if c.srv.store == nil {
		return
	}
	c.flags.Or(flagAwait)
	c.srv.store.OnFree(func() { c.unblock(flagAwait) })
}

func (c *Conn) unblock(flag uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.has(flag) && !c.gone {
		c.resumes |= flag
		c.mail()
	}
}

// goOn ends what unblock was called for, when the posts have been run: the input kept is to be fed again. Posts that are left
// have another visit first. Owner only.
func (c *Conn) goOn() {
	c.mu.Lock()
	ends := c.resumes
	if c.posts() > 0 {
		ends = 0
		c.mail()
	}
	c.resumes &^= ends
	c.mu.Unlock()
	if ends != 0 {
		c.flags.And(^ends)
		c.unfed, c.want = len(c.in) > 0, 0
	}
}

// Settled (owner) tells the loop that the first valid command (or authentication) is done: the first-command deadline ends, and
// the small limits on pending replies and request size before it.
func (c *Conn) Settled() {
	if !c.has(flagSettled) {
		c.flags.Or(flagSettled)
	}
}

// SetLimits (owner) replaces the limits that Options.Limits gave; nil lets the server's apply again.
func (c *Conn) SetLimits(l *Limits) { c.limits = l }

// SetClass (owner) puts the connection under the limits of another class.
func (c *Conn) SetClass(class Class) { c.class.Store(uint32(class)) }

// SetIdleExempt (owner) says whether the idle timeout applies.
func (c *Conn) SetIdleExempt(on bool) {
	if on {
		c.flags.Or(flagExempt)
		return
	}
	c.flags.And(^flagExempt)
	c.mu.Lock()
	c.mail() // the visit sets the timer again
	c.mu.Unlock()
}

// barred tells whether c must not run requests now. Owner only.
func (c *Conn) barred() bool {
	if c.has(flagsBlocked) {
		return true
	}
	waiting := c.pending()
	if c.stream != nil {
		waiting += c.stream.flying
	}
	if waiting == 0 {
		return false
	}
	pause := c.bounds().PauseAt
	return pause > 0 && int64(waiting) > pause
}

// localAddr asks the system; c.mu is held and the socket open.
func (c *Conn) localAddr() net.Addr {
	if c.stream != nil {
		return c.stream.conn.LocalAddr()
	}
	return socketAddr(c.fd)
}

// hangUp tells the peer at once that nothing more comes. c.mu is held and the socket open.
func (c *Conn) hangUp() {
	if c.stream != nil {
		c.stream.raw.Close()
		return
	}
	shutSocket(c.fd)
}

// ConnStats is a snapshot of one connection's counters.
type ConnStats struct {
	BytesIn, BytesOut  int64
	LastActive         time.Time
	QueryLen, QueryCap int // bytes of unfinished request kept, and the buffer's size
	OutPending         int // bytes of replies not yet sent
	Loop               int // number of the loop
}

// Stats may be called from any goroutine; the figures are each true, though not all of the same moment.
func (c *Conn) Stats() ConnStats {
	c.mu.Lock()
	home := c.home
	c.mu.Unlock()
	return ConnStats{
		BytesIn:    c.bytesIn.Load(),
		BytesOut:   c.bytesOut.Load(),
		LastActive: c.srv.began.Add(time.Duration(c.active.Load())),
		QueryLen:   int(c.queryLen.Load()),
		QueryCap:   int(c.queryCap.Load()),
		OutPending: int(c.pendings.Load() + c.pushed.Load()),
		Loop:       home.number(),
	}
}
