// Error texts of the stream commands.

package redis

var (
	errStreamID       error = replyError("ERR Invalid stream ID specified as stream command argument")
	errStreamStart    error = replyError("ERR invalid start ID for the interval")
	errStreamEnd      error = replyError("ERR invalid end ID for the interval")
	errStreamZero     error = replyError("ERR The ID specified in XADD must be greater than 0-0")
	errStreamTop      error = replyError("ERR The ID specified in XADD is equal or smaller than the target stream top item")
	errStreamSpent    error = replyError("ERR The stream has exhausted the last possible ID, unable to add more items")
	errStreamTooLarge error = replyError("ERR Elements are too large to be stored")

	errTrimTwice  error = replyError("ERR syntax error, MAXLEN and MINID options at the same time are not compatible")
	errTrimLength error = replyError("ERR The MAXLEN argument must be >= 0.")
	errTrimLimit  error = replyError("ERR The LIMIT argument must be >= 0.")
	errTrimHow    error = replyError("ERR syntax error, LIMIT cannot be used without specifying a trimming strategy")
	errTrimExact  error = replyError("ERR syntax error, LIMIT cannot be used without the special ~ option")
	errTrimWhat   error = replyError("ERR syntax error, XTRIM must be called with a trimming strategy")

	errSetIDDeleted  error = replyError("ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id")
	errSetIDNow      error = replyError("ERR The ID specified in XSETID is smaller than current max_deleted_entry_id")
	errSetIDTop      error = replyError("ERR The ID specified in XSETID is smaller than the target stream top item")
	errSetIDAdded    error = replyError("ERR The entries_added specified in XSETID is smaller than the target stream length")
	errSetIDNegative error = replyError("ERR entries_added must be positive")

	errReadGroup    error = replyError("ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.")
	errReadNoack    error = replyError("ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.")
	errReadNew      error = replyError("ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.")
	errReadLast     error = replyError("ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.")
	errReadNoGroup  error = replyError("ERR Missing GROUP option for XREADGROUP")
	errTimeout      error = replyError("ERR timeout is not an integer or out of range")
	errTimeoutNeg   error = replyError("ERR timeout is negative")
	errTimeoutRange error = replyError("ERR timeout is out of range")

	errGroupKey   error = replyError("ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.")
	errGroupBusy  error = replyError("BUSYGROUP Consumer Group name already exists")
	errGroupCount error = replyError("ERR value for ENTRIESREAD must be positive or -1")

	errClaimIdle     error = replyError("ERR Invalid min-idle-time argument for XCLAIM")
	errClaimIdleOpt  error = replyError("ERR Invalid IDLE option argument for XCLAIM")
	errClaimTime     error = replyError("ERR Invalid TIME option argument for XCLAIM")
	errClaimRetry    error = replyError("ERR Invalid RETRYCOUNT option argument for XCLAIM")
	errAutoclaimIdle error = replyError("ERR Invalid min-idle-time argument for XAUTOCLAIM")
	errAutoclaimMany error = replyError("ERR COUNT must be > 0")
)

// errNoGroup is about a group or the key that it should be of.
func errNoGroup(key, group []byte) error {
	return errorf("NOGROUP No such key '%s' or consumer group '%s'", cut(key), cut(group))
}

func errNoGroupOf(key, group []byte) error {
	return errorf("NOGROUP No such consumer group '%s' for key name '%s'", cut(group), cut(key))
}

// errSubcommand is for a subcommand whose arguments make no sense.
func errSubcommand(c *client) error {
	return errorf("ERR unknown subcommand or wrong number of arguments for '%s'. Try %s HELP.", cstr(c.args[1], 128), upper(string(c.args[0])))
}
