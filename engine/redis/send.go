// Sending a snapshot to a client that asks for the data and nothing else, as redis-cli --rdb does.

package redis

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"

	"github.com/cachesrv/cachesrv/engine"
)

// replica is what a client said with REPLCONF.
type replica struct {
	only bool // it wants the data, and no changes
	port bool // it listens itself: a server that wants to follow the changes
	mark bool // it takes data whose length is not known before
	sent bool // it has asked for the data
}

const (
	sendAhead = 1 << 20 // bytes that wait for the client before the snapshot does
	sendLook  = time.Millisecond
)

var (
	errSlowClient = errors.New("the client does not take the snapshot")
	errGoneClient = errors.New("the client has gone")
)

// sender is an io.Writer to a connection, which waits while much of what it was given is on its way.
type sender struct {
	conn     *engine.Conn
	stop     <-chan struct{}
	patience time.Duration
}

func (s *sender) Write(b []byte) (int, error) {
	if err := s.wait(); err != nil {
		return 0, err
	}
	if !s.conn.Push(bytes.Clone(b)) {
		return 0, errGoneClient
	}
	return len(b), nil
}

func (s *sender) wait() error {
	since, was := time.Now(), int64(-1)
	for {
		st := s.conn.Stats()
		switch {
		case s.conn.Killed():
			return errGoneClient
		case st.OutPending < sendAhead:
			return nil
		case st.BytesOut != was:
			since, was = time.Now(), st.BytesOut
		case time.Since(since) > s.patience:
			return errSlowClient
		}
		select {
		case <-s.stop:
			return errClosing
		case <-time.After(sendLook):
		}
	}
}

// sendSnapshot has a snapshot sent to the client in the background. From now on it is not listened to.
func (c *client) sendSnapshot() error {
	c.conn.SetClass(engine.Replica)
	c.conn.SetIdleExempt(true)
	c.replica.sent, c.stopped = true, true
	e, conn, of := c.e, c.conn, c.replica
	if !e.startLowly("snapshot to a client", func() { e.send(conn, of) }) {
		return errClosing
	}
	return nil
}

func (e *Engine) send(conn *engine.Conn, of replica) {
	beat := time.Duration(e.settings.Int("repl-ping-replica-period")) * time.Second
	if err := e.awaitSending(conn, beat); err != nil {
		conn.Kill(err.Error())
		return
	}
	err := e.sendNow(conn, of)
	e.finish()
	if err != nil {
		e.log.Warn("A snapshot could not be sent to a client", "client", addr(conn.Remote()), "error", err)
		conn.Kill(err.Error())
		return
	}
	e.log.Info("A snapshot was sent to a client", "client", addr(conn.Remote()))
	if of.only {
		conn.Post(func(*engine.Worker) { conn.Close("it has got the snapshot that it asked for") })
		return
	}
	for conn.Push([]byte("\n")) {
		select {
		case <-e.background.stop:
			return
		case <-time.After(beat):
		}
	}
}

// awaitSending waits for its turn. The client is shown meanwhile that somebody is there.
func (e *Engine) awaitSending(conn *engine.Conn, beat time.Duration) error {
	for {
		ctx, cancel := context.WithTimeout(context.Background(), beat)
		err := e.await(ctx, jobSend)
		cancel()
		switch {
		case err == nil || err == errClosing:
			return err
		case !conn.Push([]byte("\n")):
			return errGoneClient
		}
	}
}

// sendNow sends the data between two marks that nobody can guess, or, to those who know only lengths, from a file.
func (e *Engine) sendNow(conn *engine.Conn, of replica) error {
	to := &sender{conn, e.background.stop, time.Duration(e.settings.Int("repl-timeout")) * time.Second}
	if !of.mark {
		return e.sendFile(to)
	}
	raw := make([]byte, 20)
	if _, err := rand.Read(raw); err != nil {
		return err
	}
	mark := hex.EncodeToString(raw)
	if _, err := to.Write([]byte("$EOF:" + mark + "\r\n")); err != nil {
		return err
	}
	if err := e.writeSnapshot(context.Background(), to, rdbAux{}, nil); err != nil {
		return err
	}
	_, err := to.Write([]byte(mark))
	return err
}
