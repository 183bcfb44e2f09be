// Error texts of the commands that wait.

package redis

var (
	errTimeoutFloat error = replyError("ERR timeout is not a float or out of range")
	errUnblocked    error = replyError("UNBLOCKED client unblocked via CLIENT UNBLOCK")
	errUnblockHow   error = replyError("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
	errLocalRange   error = replyError("ERR value is out of range, must be between 0 and 1")
	errNoAppend     error = replyError("ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.")
)
