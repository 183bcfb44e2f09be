// Commands about the server and the connection: version, verbosity, quit, shutdown, flush_all, cache_memlimit.

package memcached

import (
	"math"
	"strconv"
)

var serverCommands = []command{
	{name: "version", min: 1, run: cmdVERSION, syntax: "version", about: "The memcached version whose behaviour this is."},
	{name: "verbosity", min: 2, max: 3, noreply: 1, args: verbosityArgs, run: cmdVERBOSITY,
		syntax: "verbosity <level> [noreply]", about: "How much goes to the log: 0, 1, or 2 for every request."},
	{name: "quit", min: 1, run: cmdQUIT, syntax: "quit", about: "Closes the connection."},
	{name: "shutdown", min: 1, flags: flagStream, run: cmdSHUTDOWN, syntax: "shutdown [graceful]", about: "Stops the server, if it was started with -A."},
	{name: "flush_all", min: 1, max: 3, noreply: 1, flags: flagData, run: cmdFLUSHALL,
		syntax: "flush_all [<delay>] [noreply]", about: "Removes every item, now or after a delay in seconds."},
	{name: "cache_memlimit", min: 2, max: 3, noreply: 1, run: cmdMEMLIMIT,
		syntax: "cache_memlimit <megabytes> [noreply]", about: "Sets the memory limit."},
}

func cmdVERSION(*call) string { return "VERSION " + Version }

func verbosityArgs(x *call) string {
	var ok bool
	if x.flags, ok = parseU32(x.args[1]); !ok {
		return replyBadFormat
	}
	return ""
}

func cmdVERBOSITY(x *call) string {
	level := strconv.Itoa(int(min(x.flags, 2)))
	if err := x.e.conf.Set("verbosity", level); err != nil {
		x.e.log.Error("verbosity", "error", err)
	}
	return replyOK
}

func cmdQUIT(x *call) string {
	x.s.close("quit")
	return ""
}

// cmdSHUTDOWN asks the process to stop; both forms let running commands end.
func cmdSHUTDOWN(x *call) string {
	if !x.e.set.shutdown {
		return replyNoShutdown
	}
	if len(x.args) > 2 || len(x.args) == 2 && string(x.args[1]) != "graceful" {
		return replyBadStop
	}
	x.s.close("shutdown")
	if server := x.e.server.Load(); server != nil {
		server.AskStop("shutdown command")
	}
	return ""
}

// flush_all [<delay>] [noreply]
func cmdFLUSHALL(x *call) string {
	x.tally.inc(cmdFlush)
	if x.e.set.noFlush {
		return replyNoFlush
	}
	seconds := int64(0)
	if n := len(x.args); n > 1 && !(n == 2 && x.quiet) {
		var ok bool
		if seconds, ok = parseI64(x.args[1]); !ok {
			return replyBadExptime
		}
	}
	x.flushIn(seconds)
	return replyOK
}

// cmdMEMLIMIT sets the limit in megabytes; the store gets below it by evicting as it is written to.
func cmdMEMLIMIT(x *call) string {
	megabytes, ok := parseU32(x.args[1])
	switch {
	case !ok:
		return replyError
	case megabytes < 8:
		return replyLimitLow
	case megabytes > 1000000000 || int64(megabytes) > math.MaxInt64>>20:
		return replyLimitHigh
	}
	bytes := int64(megabytes) << 20
	if err := x.e.conf.Set("maxmemory", strconv.FormatInt(bytes, 10)); err != nil {
		x.e.log.Error("cache_memlimit", "error", err)
		return replyLimitFailed
	}
	x.e.store.SetMaxMemory(bytes)
	return replyOK
}
