// Error texts of DUMP, RESTORE and MIGRATE.

package redis

var (
	errBusyKey  error = replyError("BUSYKEY Target key name already exists.")
	errTTL      error = replyError("ERR Invalid TTL value, must be >= 0")
	errIdleTime error = replyError("ERR Invalid IDLETIME value, must be >= 0")
	errFreq     error = replyError("ERR Invalid FREQ value, must be >= 0 and <= 255")
	errPayload  error = replyError("ERR DUMP payload version or checksum are wrong")
	errBadData  error = replyError("ERR Bad data format")

	errMigrateKeys  error = replyError("ERR When using MIGRATE KEYS option, the key argument must be set to the empty string")
	errMigrateDial  error = replyError("IOERR error or timeout connecting to the client")
	errMigrateWrite error = replyError("IOERR error or timeout writing to target instance")
	errMigrateRead  error = replyError("IOERR error or timeout reading to target instance")
)
