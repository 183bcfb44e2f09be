// agent: a client without a connection, which runs commands on behalf of another one.

package redis

import "github.com/cachesrv/cachesrv/engine"

// agent runs commands for a script, or what a blocked client waits for. Its replies go into a buffer of its own; the store's transaction, with
// all that is locked, is that of the client whose thread it runs on. It is lent for one occasion.
type agent struct {
	client
	worker engine.Worker
}

// borrow gives an agent that runs on c's thread, with the rights, the database and the protocol of whom it acts for.
func (c *client) borrow(whom *client) *agent {
	a := c.e.agents.Get().(*agent)
	a.worker.Tx, a.worker.Serial = c.tx, c.w.Serial
	a.client = client{
		e: c.e, conn: whom.conn, w: &a.worker, tx: c.tx, st: c.st,
		db: whom.db, v3: whom.v3, authed: whom.authed, noTouch: whom.noTouch,
		settled: true, entered: true, denyBlocking: true, track: whom.track,
	}
	a.public.user.Store(whom.public.user.Load())
	return a
}

// giveBack ends the loan. What was read of the agent's buffers must not be used any more.
func (a *agent) giveBack() {
	e := a.e
	if cap(a.worker.Out) > keepReply {
		a.worker.Out = nil
	}
	a.worker.Out, a.worker.Tx = a.worker.Out[:0], nil
	a.client = client{}
	e.agents.Put(a)
}

// An agent's buffer that grew beyond this for one reply is not kept.
const keepReply = 64 << 10

// call runs one request under locks that are held, and returns its reply, which the next call overwrites. Nobody has asked yet whether the
// row's flags allow it.
func (a *agent) call(cmd *command, args [][]byte) ([]byte, error) {
	a.worker.Out = a.worker.Out[:0]
	a.args, a.cmd = args, cmd
	if err := a.permit(cmd); err != nil {
		return nil, err
	}
	a.findKeys(cmd)
	err := a.act(cmd)
	return a.worker.Out, err
}

// act is perform in the name of the client it acts for.
func (a *agent) act(cmd *command) error {
	by := a.tx.By
	a.tx.By = a.conn.ID
	err := a.perform(cmd)
	a.tx.By = by
	return err
}
