// MONITOR: being shown every command.

package redis

func monitorCommands() []*command {
	return []*command{{name: "monitor", arity: 1, flags: admin | noscript | loading | stale | free, group: "server", since: "1.0.0", run: cmdMONITOR,
		sum: "Shows every command that the server runs, as it runs it."}}
}

// MONITOR
func cmdMONITOR(c *client) error {
	if c.denyBlocking {
		return errMonitorDenied
	}
	if c.monitor {
		return nil // the real server does not answer a second time either
	}
	c.e.addMonitor(c)
	c.conn.SetIdleExempt(true)
	c.ok()
	return nil
}
