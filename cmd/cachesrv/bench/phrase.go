// Phrases: a Redis command written as text with slots for numbers, made ready to be sent without allocation.

package bench

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// The slots that the text of a command may hold. Words are separated by single blanks.
//
//	{key}         the request's number, with leading zeros to keyDigits digits
//	{half}        the same plus half of how many there are: two collections that share half of their members
//	{id}          the request's number plus one, without leading zeros; a word of its own
//	{digits:N}    N random digits
//	{rand:LO-HI}  a random number from LO to HI; a word of its own unless both have the same number of digits
const (
	slotKey slotKind = iota
	slotHalf
	slotID
	slotDigits
	slotRand
)

type slotKind uint8

// keyDigits is the width of {key} and {half}; the series keeps the numbers below 10^keyDigits.
const keyDigits = 8

// slot is a place for a number.
type slot struct {
	kind  slotKind
	at    int    // offset in its piece; not used by numbers of their own
	width int    // digits; 0 for a number that is a word of its own
	low   uint64 // of random numbers
	span  uint64 // how many there are
}

// piece is fixed bytes with slots of fixed width in them, and after them a number that is a word of its own.
type piece struct {
	text    []byte
	slots   []slot
	free    slot
	hasFree bool
}

// phrase is a command in RESP. Read-only once made.
type phrase struct {
	pieces   []piece
	half     uint64 // added by {half}
	numbered bool   // the request's number is in it
}

// newPhrase makes the command that text describes, for numbers in [0, n).
func newPhrase(text string, n uint64) (*phrase, error) {
	words := strings.Split(text, " ")
	t := &phrase{half: n / 2}
	p := piece{text: fmt.Appendf(nil, "*%d\r\n", len(words))}
	for _, word := range words {
		fixed, slots, err := parseWord(word)
		if err != nil {
			return nil, fmt.Errorf("command %q: %w", text, err)
		}
		for _, s := range slots {
			t.numbered = t.numbered || s.kind == slotKey || s.kind == slotHalf || s.kind == slotID
		}
		if len(slots) == 1 && slots[0].width == 0 {
			if len(fixed) > 0 {
				return nil, fmt.Errorf("command %q: %q has a number of varying length beside other text", text, word)
			}
			p.free, p.hasFree = slots[0], true
			t.pieces = append(t.pieces, p)
			p = piece{text: []byte("\r\n")}
			continue
		}
		p.text = fmt.Appendf(p.text, "$%d\r\n", len(fixed))
		for _, s := range slots {
			if s.width == 0 {
				return nil, fmt.Errorf("command %q: %q has a number of varying length beside another", text, word)
			}
			s.at += len(p.text)
			p.slots = append(p.slots, s)
		}
		p.text = append(append(p.text, fixed...), "\r\n"...)
	}
	t.pieces = append(t.pieces, p)
	return t, nil
}

// parseWord gives the bytes of a word, with zeros where numbers of fixed width go, and its slots.
func parseWord(word string) (fixed []byte, slots []slot, err error) {
	if word == "" {
		return nil, nil, fmt.Errorf("two blanks in a row")
	}
	for word != "" {
		before, rest, found := strings.Cut(word, "{")
		fixed = append(fixed, before...)
		if !found {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		s, ok := parseSlot(name)
		if !closed || !ok {
			return nil, nil, fmt.Errorf("an unknown slot {%s}", name)
		}
		s.at = len(fixed)
		fixed = append(fixed, bytes.Repeat([]byte("0"), s.width)...)
		slots = append(slots, s)
		word = after
	}
	return fixed, slots, nil
}

func parseSlot(name string) (s slot, ok bool) {
	name, detail, _ := strings.Cut(name, ":")
	switch name {
	case "key":
		return slot{kind: slotKey, width: keyDigits}, detail == ""
	case "half":
		return slot{kind: slotHalf, width: keyDigits}, detail == ""
	case "id":
		return slot{kind: slotID}, detail == ""
	case "digits":
		width, err := strconv.Atoi(detail)
		if err != nil || width < 1 || width > 18 {
			return slot{}, false
		}
		s = slot{kind: slotDigits, width: width, span: 1}
		for range width {
			s.span *= 10
		}
		return s, true
	case "rand":
		low, high, _ := strings.Cut(detail, "-")
		from, err1 := strconv.ParseUint(low, 10, 63)
		to, err2 := strconv.ParseUint(high, 10, 63)
		if err1 != nil || err2 != nil || from > to {
			return slot{}, false
		}
		s = slot{kind: slotRand, low: from, span: to - from + 1}
		if len(low) == len(high) {
			s.width = len(low)
		}
		return s, true
	}
	return slot{}, false
}

// append adds the command for one number to dst. It allocates nothing beyond dst's growth.
func (t *phrase) append(dst []byte, key uint64, r *random) []byte {
	for i := range t.pieces {
		p := &t.pieces[i]
		start := len(dst)
		dst = append(dst, p.text...)
		for j := range p.slots {
			s := &p.slots[j]
			putDigits(dst[start+s.at:start+s.at+s.width], t.number(s, key, r))
		}
		if p.hasFree {
			dst = appendWord(dst, t.number(&p.free, key, r))
		}
	}
	return dst
}

func (t *phrase) number(s *slot, key uint64, r *random) uint64 {
	switch s.kind {
	case slotKey:
		return key
	case slotHalf:
		return key + t.half
	case slotID:
		return key + 1
	}
	return s.low + r.below(s.span)
}

// appendWord adds a number as a bulk string, without its last CRLF.
func appendWord(dst []byte, n uint64) []byte {
	width := 1
	for limit := uint64(10); n >= limit; limit *= 10 {
		width++
		if width == 20 {
			break
		}
	}
	dst = append(dst, '$')
	dst = strconv.AppendUint(dst, uint64(width), 10)
	dst = append(dst, "\r\n"...)
	return strconv.AppendUint(dst, n, 10)
}

// putDigits writes n into dst with leading zeros; digits that do not fit are lost.
func putDigits(dst []byte, n uint64) {
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
}
