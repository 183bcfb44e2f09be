// The kinds of request a load is made of: one row each, with its bytes and its check for both protocols.

package bench

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// outcome is what a reply meant to the request it answers.
type outcome uint8

const (
	outcomeDone     outcome = iota // the request did what it should
	outcomeHit                     // a read that found its key
	outcomeMiss                    // a read that did not
	outcomeWrong                   // an error, or a reply of the wrong kind
	outcomeMismatch                // a value that does not belong to its key
)

// verb is one kind of request. A new one costs a row in verbs.
type verb struct {
	name   string
	codecs [protocols]codec
}

// codec writes one request and judges its reply. encode appends to dst and never allocates beyond dst's growth.
type codec struct {
	encode func(dst []byte, q *requests, key uint64, version uint32) []byte
	check  func(q *requests, key uint64, r *reply) outcome
}

// verbs lists every kind of request. The constants below index it.
var verbs = []verb{
	{"get", [protocols]codec{{respGET, checkRead}, {textGet, checkRead}, {metaGet, checkRead}, {binaryGet, checkRead}}},
	{"set", [protocols]codec{{respSET, checkOK}, {textSet, checkStored}, {metaSet, checkHD}, {binarySet, checkStatus}}},
	{"multi-get", [protocols]codec{{respMGET, checkGroup}, {textGets, checkGroup}, {metaGets, checkGroup}, {binaryGets, checkGroup}}},
}

const (
	rowGet = iota
	rowSet
	rowMultiGet
)

// requests is what encodings need beside the key: the keyspace, the expiry, and the parts that are the same in
// every request. Read-only while a phase runs.
type requests struct {
	keys   *keyspace
	verify bool
	multi  int // keys that a read asks for at once; 0: one, by the plain request

	respGetHead string // up to the key's bytes
	respSetHead string
	respExpiry  string // EX or EXAT with its number, after the value; empty without expiry
	textMiddle  string // between key and length of a set: flags and expiry
	metaEnd     string // after the length of a meta set
	expiry      uint32 // as memcached takes it
}

// expiry is when written keys expire: after a while, or at a point in time; the zero value is never.
type expiry struct {
	after time.Duration
	at    time.Time
}

// memcachedRelativeLimit is the longest expiry memcached takes as relative; longer numbers are points in time.
const memcachedRelativeLimit = 30 * 24 * time.Hour

func newRequests(keys *keyspace, e expiry, verify bool, now time.Time) *requests {
	q := &requests{keys: keys, verify: verify}
	size := strconv.Itoa(keys.size)
	words := "3"
	seconds, option := "", ""
	switch {
	case !e.at.IsZero():
		seconds, option = strconv.FormatInt(e.at.Unix(), 10), "$4\r\nEXAT"
		q.expiry = uint32(e.at.Unix())
	case e.after > 0:
		seconds, option = strconv.FormatInt(int64(e.after/time.Second), 10), "$2\r\nEX"
		q.expiry = uint32(e.after / time.Second)
		if e.after > memcachedRelativeLimit {
			q.expiry = uint32(now.Add(e.after).Unix())
		}
	}
	q.textMiddle, q.metaEnd = fmt.Sprintf(" 0 %d ", q.expiry), "\r\n"
	if q.expiry != 0 {
		q.metaEnd = fmt.Sprintf(" T%d\r\n", q.expiry)
	}
	if option != "" {
		words = "5"
		q.respExpiry = option + "\r\n$" + strconv.Itoa(len(seconds)) + "\r\n" + seconds + "\r\n"
	}
	q.respGetHead = "*2\r\n$3\r\nGET\r\n$" + size + "\r\n"
	q.respSetHead = "*" + words + "\r\n$3\r\nSET\r\n$" + size + "\r\n"
	return q
}

// GET key
func respGET(dst []byte, q *requests, key uint64, _ uint32) []byte {
	dst = append(dst, q.respGetHead...)
	dst = q.keys.appendKey(dst, key)
	return append(dst, "\r\n"...)
}

// SET key value [EX seconds | EXAT time]
func respSET(dst []byte, q *requests, key uint64, version uint32) []byte {
	dst = append(dst, q.respSetHead...)
	dst = q.keys.appendKey(dst, key)
	dst = append(dst, "\r\n$"...)
	dst = strconv.AppendInt(dst, int64(q.keys.valueSize(key, version)), 10)
	dst = append(dst, "\r\n"...)
	dst = q.keys.appendValue(dst, key, version)
	dst = append(dst, "\r\n"...)
	return append(dst, q.respExpiry...)
}

// get key
func textGet(dst []byte, q *requests, key uint64, _ uint32) []byte {
	dst = append(dst, "get "...)
	dst = q.keys.appendKey(dst, key)
	return append(dst, "\r\n"...)
}

// set key flags expiry length
func textSet(dst []byte, q *requests, key uint64, version uint32) []byte {
	dst = append(dst, "set "...)
	dst = q.keys.appendKey(dst, key)
	dst = append(dst, q.textMiddle...)
	dst = strconv.AppendInt(dst, int64(q.keys.valueSize(key, version)), 10)
	dst = append(dst, "\r\n"...)
	dst = q.keys.appendValue(dst, key, version)
	return append(dst, "\r\n"...)
}

// each calls f for the keys of a multi-get: the one that was drawn, and others that follow from it.
func (q *requests) each(key uint64, f func(key uint64)) {
	for range q.multi {
		f(key)
		key = (key + multiStride) % q.keys.n
	}
}

// multiStride lies between the keys of a multi-get: a prime, so that they do not lie in a row.
const multiStride = 15485863

// MGET key [key ...]
func respMGET(dst []byte, q *requests, key uint64, _ uint32) []byte {
	dst = append(dst, '*')
	dst = strconv.AppendInt(dst, int64(q.multi+1), 10)
	dst = append(dst, "\r\n$4\r\nMGET\r\n"...)
	q.each(key, func(key uint64) {
		dst = append(dst, '$')
		dst = strconv.AppendInt(dst, int64(q.keys.size), 10)
		dst = append(dst, "\r\n"...)
		dst = q.keys.appendKey(dst, key)
		dst = append(dst, "\r\n"...)
	})
	return dst
}

// get key [key ...]
func textGets(dst []byte, q *requests, key uint64, _ uint32) []byte {
	dst = append(dst, "get"...)
	q.each(key, func(key uint64) { dst = q.keys.appendKey(append(dst, ' '), key) })
	return append(dst, "\r\n"...)
}

// checkRead judges the reply to a read: a value or nothing.
func checkRead(q *requests, key uint64, r *reply) outcome {
	switch r.kind {
	case kindValue:
		if q.verify && !q.keys.matches(key, r.body) {
			return outcomeMismatch
		}
		return outcomeHit
	case kindAbsent:
		return outcomeMiss
	}
	return outcomeWrong
}

// checkGroup judges the reply to a multi-get by the number of values. Redis answers with nil for what is missing, which is not looked for.
func checkGroup(q *requests, _ uint64, r *reply) outcome {
	switch {
	case r.kind == kindGroup && r.size == q.multi, r.kind == kindValue && q.multi == 1:
		return outcomeHit
	case r.kind == kindGroup && r.size < q.multi, r.kind == kindValue, r.kind == kindAbsent:
		return outcomeMiss
	}
	return outcomeWrong
}

func checkOK(_ *requests, _ uint64, r *reply) outcome { return expectLine(r, "+OK") }

func checkStored(_ *requests, _ uint64, r *reply) outcome { return expectLine(r, "STORED") }

func expectLine(r *reply, want string) outcome {
	if r.kind == kindStatus && len(r.line) == len(want) && bytes.HasPrefix(r.line, []byte(want)) {
		return outcomeDone
	}
	return outcomeWrong
}
