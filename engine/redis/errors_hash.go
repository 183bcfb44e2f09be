// Error texts of the hash commands.

package redis

var (
	errHashInt       error = replyError("ERR hash value is not an integer")
	errHashFloat     error = replyError("ERR hash value is not a float")
	errIncrNaNOrInf  error = replyError("ERR value is NaN or Infinity")
	errNoFields      error = replyError("ERR Mandatory argument FIELDS is missing or not at the right position")
	errFieldsGreater error = replyError("ERR Parameter `numFields` should be greater than 0")
	errFieldsCount   error = replyError("ERR Number of fields must be a positive integer")
	errFieldsMatch   error = replyError("ERR The `numfields` parameter must match the number of arguments")
	errFieldsNumber  error = replyError("ERR invalid number of fields")
	errExpireSign    error = replyError("ERR invalid expire time, must be >= 0")
	errExpireMissing error = replyError("ERR missing expire time")
	errExpireOne     error = replyError("ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified")
	errFieldCond     error = replyError("ERR Only one of FXX or FNX arguments can be specified")
)

func errUnknownArgument(b []byte) error {
	return errorf("ERR unknown argument: %s", cstr(b, len(b)))
}
