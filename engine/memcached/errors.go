// The fixed replies of the text protocol, byte-equal to those of memcached 1.6.18.

package memcached

// Replies are written by the dispatcher with \r\n behind them; the empty reply means that the handler has
// written to Worker.Out itself.
const (
	replyError       = "ERROR"
	replyOK          = "OK"
	replyEnd         = "END"
	replyStored      = "STORED"
	replyNotStored   = "NOT_STORED"
	replyExists      = "EXISTS"
	replyNotFound    = "NOT_FOUND"
	replyDeleted     = "DELETED"
	replyTouched     = "TOUCHED"
	replyReset       = "RESET"
	replyBadFormat   = "CLIENT_ERROR bad command line format"
	replyBadLine     = "CLIENT_ERROR bad command line"
	replyBadChunk    = "CLIENT_ERROR bad data chunk"
	replyBadExptime  = "CLIENT_ERROR invalid exptime argument"
	replyBadDelta    = "CLIENT_ERROR invalid numeric delta argument"
	replyNotNumber   = "CLIENT_ERROR cannot increment or decrement non-numeric value"
	replyBadDelete   = "CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]"
	replyBadDetail   = "CLIENT_ERROR usage: stats detail on|off|dump"
	replyNoFlush     = "CLIENT_ERROR flush_all not allowed"
	replyNoDump      = "CLIENT_ERROR stats cachedump not allowed"
	replyNoWatch     = "CLIENT_ERROR watch commands not allowed"
	replyBadClass    = "CLIENT_ERROR Illegal slab id"
	replyTooLarge    = "SERVER_ERROR object too large for cache"
	replyNoMemory    = "SERVER_ERROR out of memory storing object"
	replyNoDelta     = "SERVER_ERROR out of memory"
	replyNoShutdown  = "ERROR: shutdown not enabled"
	replyBadStop     = "CLIENT_ERROR invalid shutdown mode"
	replyLimitLow    = "MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m"
	replyLimitFailed = "MEMLIMIT_ADJUST_FAILED out of bounds or unable to adjust"
	replyLimitHigh   = "MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes"
)

// The errors of meta commands, and the codes that begin their replies.
const (
	replyTwice       = "CLIENT_ERROR duplicate flag"
	replyBadFlag     = "CLIENT_ERROR invalid flag"
	replyVague       = "CLIENT_ERROR invalid or duplicate flag"
	replyBadArg      = "CLIENT_ERROR bad token in command line format"
	replyBadKey      = "CLIENT_ERROR error decoding key"
	replyBadM        = "CLIENT_ERROR incorrect length for M token"
	replyBadMS       = "CLIENT_ERROR invalid mode for ms M token"
	replyBadMA       = "CLIENT_ERROR invalid mode for ma M token"
	replyBadJ        = "CLIENT_ERROR invalid numeric initial value"
	replyBadD        = "CLIENT_ERROR invalid numeric delta value"
	replyOpaque      = "CLIENT_ERROR opaque token too long"
	replyManyFlags   = "CLIENT_ERROR options flags are too long"
	replyManyOptions = "CLIENT_ERROR options flags too long"
	replyNoVivify    = "SERVER_ERROR Out of memory allocating new item"

	codeDone      = "HD"
	codeValue     = "VA "
	codeMiss      = "EN"
	codeNotFound  = "NF"
	codeNotStored = "NS"
	codeExists    = "EX"
	codeNoop      = "MN"
	codeDebug     = "ME "
)

// Sent before a connection is closed without a session.
const (
	refusalTooMany   = "ERROR Too many open connections\r\n"
	refusalProtected = "SERVER_ERROR protected mode: only local connections are accepted\r\n"
)
