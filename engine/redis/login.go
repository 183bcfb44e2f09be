// Logins: how a connection becomes a user, and what happens to it when the user changes.

package redis

import (
	"errors"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/redis/acl"
)

var wordDefault = []byte(acl.DefaultName)

// openUsers renames commands and makes the users, as the settings declare them. Any mistake in them ends the start: half the users would be too many.
func (e *Engine) openUsers() error {
	s := e.settings
	e.loginDelay, e.aclMax = s.Value("auth-delay-max"), s.Value("acllog-max-len")
	s.OnChange("acllog-max-len", func(string) { e.denials.Trim(e.aclMax.Int()) })
	channels := func(word string) { e.users.SetOpenChannels(word == "allchannels") }
	channels(s.Get("acl-pubsub-default"))
	s.OnChange("acl-pubsub-default", channels)
	e.users.SetPassword(s.Get("requirepass"))
	s.OnChange("requirepass", func(password string) {
		e.users.SetPassword(password)
		e.passwordChanged()
	})
	for _, line := range s.Directive("rename-command") {
		if err := e.table.rename(line.Words[0], line.Words[1]); err != nil {
			return &config.Error{Where: line.Where, Setting: line.Name, Err: err}
		}
	}
	lines, file := s.Directive("user"), s.Get("aclfile")
	if file != "" && len(lines) > 0 {
		return &config.Error{Where: lines[0].Where, Setting: "user", Err: errors.New("users are declared here and in the file that aclfile names; " +
			"use one or the other, or some of them would not be what they seem")}
	}
	declared := map[string]bool{}
	for _, line := range lines {
		err := e.users.Define(line.Words)
		if err == nil && declared[line.Words[0]] {
			err = acl.ErrDuplicate
		}
		if err != nil {
			return &config.Error{Where: line.Where, Setting: "user", Err: errors.New("Error in user declaration " + hidePassword(err))}
		}
		declared[line.Words[0]] = true
		if u := e.users.Find([]byte(line.Words[0])).User(); !u.On {
			e.log.Warn("a user is disabled, as there is no `on` in its rules", "user", u.Name)
		}
	}
	s.OnRewrite("user", e.userLines)
	if file == "" {
		return nil
	}
	if s.Get("requirepass") != "" {
		e.log.Warn("requirepass has no effect together with aclfile: the file says how the default user logs in")
	}
	_, _, _, err := e.users.Load(file)
	return err
}

// hidePassword gives an error's words without what a rule about a password says.
func hidePassword(err error) string {
	var rule *acl.RuleError
	if errors.As(err, &rule) && rule.Rule != "" && strings.ContainsRune("><#!", rune(rule.Rule[0])) {
		return (&acl.RuleError{Rule: rule.Rule[:1] + "***", Why: rule.Why}).Error()
	}
	return err.Error()
}

// userLines is what CONFIG REWRITE writes of users: nothing when they have a file of their own, and nothing of a default user
// that is as requirepass alone makes it.
func (e *Engine) userLines() (lines []string) {
	if e.settings.Get("aclfile") != "" {
		return nil
	}
	plain := acl.NewBook(e.users.Commands())
	plain.SetPassword(e.settings.Get("requirepass"))
	usual := plain.Default.User().Describe()
	for _, u := range e.users.Users() {
		rules := u.Describe()
		if u.Name == acl.DefaultName && rules == usual {
			continue
		}
		words := strings.Split(rules, " ")
		for i, w := range words {
			words[i] = config.QuoteWord(w)
		}
		lines = append(lines, config.QuoteWord(u.Name)+" "+strings.Join(words, " "))
	}
	return lines
}

// HasPassword is for the server's protected mode; OnPassword asks to be told when that, or whether clients must log in, may have
// changed.
func (e *Engine) HasPassword() bool      { return !e.users.Default.User().NoPass }
func (e *Engine) OnPassword(f func())    { e.onPassword.Store(&f) }
func (e *Engine) MustAuthenticate() bool { return e.users.Default.User().Locked() }

func (e *Engine) passwordChanged() {
	if f := e.onPassword.Load(); f != nil {
		(*f)()
	}
}

// become gives the connection a user's rights.
func (c *client) become(a *acl.Account, authed bool) {
	c.public.user.Store(a)
	c.authed = authed
	c.setBit(bitAuthed, authed)
}

// logOut makes the connection what a new one is: the default user, if that needs no password.
func (c *client) logOut() {
	a := c.e.users.Default
	c.become(a, !a.User().Locked())
}

// recognize makes a new connection the user that its verified certificate names (tls-auth-clients-user), if there is such a user and it is on. Who
// calls itself otherwise than by its certificate does so by AUTH.
func (c *client) recognize() {
	if c.e.certUser.Text() != "CN" {
		return
	}
	name := c.conn.PeerName()
	if name == "" {
		return
	}
	a := c.e.users.Find([]byte(name))
	if a == nil || !a.User().On {
		return
	}
	if c.become(a, true); a.Gone() { // deleted meanwhile, before it could be seen here
		c.logOut()
	}
}

// login checks a user and password, and makes the connection that user. After it, see whether the connection is parked: then the
// address has to wait, and the request comes again.
func (c *client) login(name, password []byte) error {
	if c.mustWait() {
		return nil
	}
	a := c.e.users.Login(name, password)
	if a != nil {
		limited := c.needsAuth()
		c.become(a, true)
		if !a.Gone() { // who deletes an account looks for its connections after it is gone
			if limited {
				c.conn.SetLimits(nil)
			}
			c.settle()
			return nil
		}
		c.logOut()
	}
	c.e.denials.Add(acl.Event{Reason: acl.DeniedAuth, Context: c.context(), Object: string(c.args[0]), Username: string(name), Client: string(c.describe(nil, c.conn))},
		time.Now(), c.e.aclMax.Int())
	if from := c.address(); from.IsValid() {
		c.e.penalties.Failed(from, c.e.clock(), c.maxDelay())
	}
	return errWrongPass
}

// maxDelay is the longest wait before a login.
func (c *client) maxDelay() time.Duration {
	return time.Duration(c.e.loginDelay.Int()) * time.Millisecond
}

// address is where a login comes from, not valid where logins are never delayed: on this machine.
func (c *client) address() (none netip.Addr) {
	if c.maxDelay() == 0 || c.conn.Server() == nil || c.local() && !c.e.delayLocal {
		return none
	}
	if tcp, ok := c.conn.Remote().(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr()
	}
	return none
}

// mustWait suspends the connection if its address has to wait before it may try again. It waits once a try, however many others
// fail meanwhile. A timer is all that waiting costs.
func (c *client) mustWait() bool {
	if c.waited || c.multi != nil {
		c.waited = false
		return false
	}
	from := c.address()
	if !from.IsValid() {
		return false
	}
	wait := min(c.e.penalties.Wait(from, c.e.clock()), c.maxDelay())
	if wait <= 0 {
		return false
	}
	c.waited, c.parked = true, true
	c.conn.Suspend()
	conn, log := c.conn, c.e.log
	time.AfterFunc(wait, func() { engine.Go("login delay", log, conn.Resume) })
	return true
}

// endSessions closes the connections of deleted accounts. c is who deleted them; its own reply still goes out.
func (c *client) endSessions(accounts ...*acl.Account) {
	if len(accounts) == 0 {
		return
	}
	ended := make(map[*acl.Account]bool, len(accounts))
	for _, a := range accounts {
		ended[a] = true
	}
	const why = "the user was deleted"
	if ended[c.public.user.Load()] {
		c.close(why)
	}
	server := c.e.server.Load()
	if server == nil {
		return
	}
	server.Conns(func(conn *engine.Conn) bool {
		if o, ok := conn.Session().(*client); ok && conn != c.conn && ended[o.public.user.Load()] {
			conn.Kill(why)
		}
		return true
	})
}

// userChanged follows a change of an account's user: subscribers who lost a channel go, and the server may have to
// protect itself anew.
func (c *client) userChanged(a *acl.Account, old, now *acl.User) {
	if a == c.e.users.Default {
		c.e.passwordChanged()
	}
	if old == nil {
		return
	}
	allowed := now.Channels()
	if allowed.Cover(old.Channels()) {
		return
	}
	server := c.e.server.Load()
	if server == nil {
		return
	}
	// Who is subscribing at this moment under the old rights is looked at after that, on its own loop.
	server.Conns(func(conn *engine.Conn) bool {
		if o, ok := conn.Session().(*client); ok && o.public.user.Load() == a {
			conn.Post(func(*engine.Worker) {
				if o.public.user.Load() == a && o.outOfBounds(&allowed) {
					conn.Kill("the right to a channel was taken away")
				}
			})
		}
		return true
	})
}

// outOfBounds tells whether the connection is subscribed to anything that is not allowed.
func (c *client) outOfBounds(allowed *acl.Channels) bool {
	return !c.everySubscription(func(k kind, name string) bool { return allowed.Allow([]byte(name), k == toPatterns) })
}
