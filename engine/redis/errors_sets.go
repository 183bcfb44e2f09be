// Error texts of the set commands and of SORT.

package redis

var (
	errManyKeys     error = replyError("ERR Number of keys can't be greater than number of args")
	errTooManyDraws error = replyError("ERR value is out of range, value must between -16777216 and 9223372036854775807")
	errSortScore    error = replyError("ERR One or more scores can't be converted into double")
)
