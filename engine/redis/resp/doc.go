// Package resp reads requests and writes replies of the Redis protocol, versions 2 and 3.
//
// Reading: Parser.Next cuts one request off the front of a buffer. Arguments alias that buffer (inline requests
// with quotes excepted) and are valid as long as it is. Nothing is allocated because a length was announced:
// memory grows with bytes that arrived.
//
// Writing: Append… functions put one protocol element behind a byte slice and return it, as append does.
package resp
