// Error texts of scripts and functions.

package redis

// The errors of scripts and functions.
var (
	errNoScript      error = replyError("NOSCRIPT No matching script. Please use EVAL.")
	errNegativeKeys  error = replyError("ERR Number of keys can't be negative")
	errTooManyKeys   error = replyError("ERR Number of keys can't be greater than number of args")
	errFunctionKeys  error = replyError("ERR Bad number of keys provided")
	errScriptUnknown error = replyError("ERR Unknown Redis command called from script")
	errScriptArity   error = replyError("ERR Wrong number of args calling Redis command from script")
	errNotInScript   error = replyError("ERR This Redis command is not allowed from script")
	errWriteInRO     error = replyError("ERR Write commands are not allowed from read-only scripts.")
	errWritingRO     error = replyError("ERR Can not execute a script with write flag using *_ro command.")
	errUndeclaredKey error = replyError("ERR Script attempted to access a key that it did not declare")
	errNotBusy       error = replyError("NOTBUSY No scripts in execution right now.")
	errUnkillable    error = replyError("UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.")
	errBusyScript    error = replyError("BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.")
	errBusyFunction  error = replyError("BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.")
	errScriptFlush   error = replyError("ERR SCRIPT FLUSH only support SYNC|ASYNC option")
	errScriptDebug   error = replyError("ERR Use SCRIPT DEBUG YES/SYNC/NO")
	errNoDebugger    error = replyError("ERR SCRIPT DEBUG is not supported: this server has no Lua debugger")
	errNoLibrary     error = replyError("ERR Library not found")
	errNoFunction    error = replyError("ERR Function not found")
	errFunctionFlush error = replyError("ERR FUNCTION FLUSH only supports SYNC|ASYNC option")
	errLibraryName   error = replyError("ERR library name argument was not given")
	errRestoreData   error = replyError("ERR failed loading functions.")
	errPolicy        error = replyError("ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.")
)
