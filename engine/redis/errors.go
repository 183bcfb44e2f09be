// Error texts: every reply that starts with "-", as the real server words it.

package redis

import (
	"bytes"
	"fmt"

	"github.com/cachesrv/cachesrv/core"
)

// replyError is an error reply without its leading dash. Its first word is the error code.
type replyError string

func (e replyError) Error() string { return string(e) }

// The errors that need no arguments, made once so that failing costs no memory.
var (
	errSyntax         error = replyError("ERR syntax error")
	errNotInt         error = replyError("ERR value is not an integer or out of range")
	errNotFloat       error = replyError("ERR value is not a valid float")
	errRange          error = replyError("ERR value is out of range, value must between -2147483648 and 2147483647")
	errPositive       error = replyError("ERR value is out of range, must be positive")
	errWrongType      error = replyError("WRONGTYPE Operation against a key holding the wrong kind of value")
	errNoKey          error = replyError("ERR no such key")
	errSameObject     error = replyError("ERR source and destination objects are the same")
	errDBRange        error = replyError("ERR DB index is out of range")
	errDBFirst        error = replyError("ERR invalid first DB index")
	errDBSecond       error = replyError("ERR invalid second DB index")
	errCursor         error = replyError("ERR invalid cursor")
	errOverflow       error = replyError("ERR increment or decrement would overflow")
	errDecrement      error = replyError("ERR decrement would overflow")
	errNaNOrInf       error = replyError("ERR increment would produce NaN or Infinity")
	errScoreNaN       error = replyError("ERR resulting score is not a number (NaN)")
	errZaddNXXX       error = replyError("ERR XX and NX options at the same time are not compatible")
	errZaddGTLT       error = replyError("ERR GT, LT, and/or NX options at the same time are not compatible")
	errZaddIncr       error = replyError("ERR INCR option supports a single increment-element pair")
	errNotScores      error = replyError("ERR min or max is not a float")
	errNotNames       error = replyError("ERR min or max not valid string range item")
	errLimitRank      error = replyError("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX")
	errScoresLex      error = replyError("ERR syntax error, WITHSCORES not supported in combination with BYLEX")
	errWeight         error = replyError("ERR weight value is not a float")
	errLimitNegative  error = replyError("ERR LIMIT can't be negative")
	errNumKeys        error = replyError("ERR numkeys should be greater than 0")
	errCountPositive  error = replyError("ERR count should be greater than 0")
	errRange64        error = replyError("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")
	errOutOfRange     error = replyError("ERR value is out of range")
	errOffset         error = replyError("ERR offset is out of range")
	errTooLong        error = replyError("ERR string exceeds maximum allowed size (proto-max-bulk-len)")
	errReplyTooLong   error = replyError("ERR the reply would be too long; ask for less at once")
	errMonitorDenied  error = replyError("ERR MONITOR isn't allowed for DENY BLOCKING client")
	errMonitorData    error = replyError("ERR Replica can't interact with the keyspace")
	errOOM            error = replyError("OOM command not allowed when used memory > 'maxmemory'.")
	errNoMemory       error = replyError("OOM out of memory")
	errNoAuth         error = replyError("NOAUTH Authentication required.")
	errNoAuthHello    error = replyError("NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time")
	errWrongPass      error = replyError("WRONGPASS invalid username-password pair or user is disabled.")
	errNoPassSet      error = replyError("ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?")
	errNoProto        error = replyError("NOPROTO unsupported protocol version")
	errProtoInt       error = replyError("ERR Protocol version is not an integer or out of range")
	errClientName     error = replyError("ERR Client names cannot contain spaces, newlines or special characters.")
	errExpireNX       error = replyError("ERR NX and XX, GT or LT options at the same time are not compatible")
	errExpireGTLT     error = replyError("ERR GT and LT options at the same time are not compatible")
	errDebugOff       error = replyError("ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.")
	errNoCluster      error = replyError("ERR This instance has cluster support disabled")
	errNoReplication  error = replyError("ERR This server does not support replication yet")
	errNoDisk         error = replyError("ERR This server does not write to disk yet")
	errLoading        error = replyError("LOADING Redis is loading the dataset in memory")
	errUnsaved        error = replyError("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.")
	errSaveRuns       error = replyError("ERR Background save already in progress")
	errRewriteRuns    error = replyError("ERR Background append only file rewriting already in progress")
	errRewrite        error = replyError("ERR Can't execute an AOF background rewriting. Please check the server logs for more information.")
	errOtherJob       error = replyError("ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.")
	errBare           error = replyError("ERR")
	errStop           error = replyError("ERR Errors trying to SHUTDOWN. Check logs.")
	errModuleOff      error = replyError("ERR MODULE command not allowed. If the enable-module-command option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.")
	errNotLFU         error = replyError("ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.")
	errIsLFU          error = replyError("ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.")
	errNoRewrite      error = replyError("ERR The server is running without a config file")
	errKeyNoArgs      error = replyError("ERR The command has no key arguments")
	errBadCommand     error = replyError("ERR Invalid command specified")
	errBadArgCount    error = replyError("ERR Invalid number of arguments specified for command")
	errBadArguments   error = replyError("ERR Invalid arguments specified for command")
	errIndex          error = replyError("ERR index out of range")
	errRankZero       error = replyError("ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list")
	errCountNegative  error = replyError("ERR COUNT can't be negative")
	errMaxlenNegative error = replyError("ERR MAXLEN can't be negative")
)

// The errors of transactions.
var (
	errNestedMulti  error = replyError("ERR MULTI calls can not be nested")
	errExecAlone    error = replyError("ERR EXEC without MULTI")
	errDiscardAlone error = replyError("ERR DISCARD without MULTI")
	errWatchInMulti error = replyError("ERR WATCH inside MULTI is not allowed")
	errInMulti      error = replyError("ERR Command not allowed inside a transaction")
	errExecAbort    error = replyError("EXECABORT Transaction discarded because of previous errors.")
)

// The errors of bitmaps and HyperLogLogs.
var (
	errBitOffset  error = replyError("ERR bit offset is not an integer or out of range")
	errBitValue   error = replyError("ERR bit is not an integer or out of range")
	errFieldType  error = replyError("ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.")
	errNotHLL     error = replyError("WRONGTYPE Key is not a valid HyperLogLog string value.")
	errCorruptHLL error = replyError("INVALIDOBJ Corrupted HLL object detected")
)

// What SORT denies who may not read every key.
var (
	errSortBy  error = replyError("ERR BY option of SORT denied due to insufficient ACL permissions.")
	errSortGet error = replyError("ERR GET option of SORT denied due to insufficient ACL permissions.")
)

// errorf makes an error reply from a format.
func errorf(format string, args ...any) error { return replyError(fmt.Sprintf(format, args...)) }

// cstr is a client's bytes as they appear inside an error: up to the first NUL, at most n of them.
func cstr(b []byte, n int) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	if len(b) > n {
		b = b[:n]
	}
	return string(b)
}

func errExpire(cmd *command) error {
	return errorf("ERR invalid expire time in '%s' command", cmd.full)
}
func errArity(cmd *command) error {
	return errorf("ERR wrong number of arguments for '%s' command", cmd.full)
}

// errUnknown names the command and the start of its arguments.
func errUnknown(args [][]byte) error {
	var list []byte
	for _, a := range args[1:] {
		if len(list) >= 128 {
			break
		}
		list = fmt.Appendf(list, "'%s' ", cstr(a, 128-len(list)))
	}
	return errorf("ERR unknown command '%s', with args beginning with: %s", cstr(args[0], 128), list)
}

func errUnknownSub(cmd *command, word []byte) error {
	return errorf("ERR unknown subcommand '%s'. Try %s HELP.", cstr(word, 128), upper(cmd.name))
}

// errSubSyntax is for a subcommand with more arguments than it takes, which its arity does not tell.
func errSubSyntax(c *client) error {
	return errorf("ERR unknown subcommand or wrong number of arguments for '%s'. Try %s HELP.", cstr(c.args[1], 128), upper(c.cmd.parent.name))
}

// storeError gives the reply for an error of the store.
func storeError(err error) error {
	switch err {
	case nil:
		return nil
	case core.ErrFull:
		return errOOM
	case core.ErrTooLarge:
		return errTooLong
	case core.ErrNoMemory:
		return errNoMemory
	}
	return errorf("ERR %v", err)
}

// errListening refuses what would mix replies with messages.
func errListening(cmd *command) error {
	return errorf("ERR Can't execute '%s': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context", cmd.full)
}
