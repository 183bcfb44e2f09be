// Kind: how the value of a setting is parsed, checked and shown. The texts of refusals are redis-server's.

package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Kind parses values of one type. parse gives the canonical text and, for kinds that have one, a number: the value of
// integers and memory sizes, 1 or 0 of yes and no, the index of a word, the bits of a set of words.
type Kind interface {
	parse(text string) (canonical string, number int64, err error)

	// words tells whether a value is a list of words rather than one argument of a redis.conf line.
	words() bool

	// describe says in a few words what may be written, for help and documentation.
	describe() string
}

// merger is a kind whose lines in a redis.conf add up: merge gives the value after one more line. first says that no
// line of the same file set it before.
type merger interface {
	merge(current, line string, first bool) string
}

type intKind struct {
	min, max int64
}

// Int is a whole number from min to max.
func Int(min, max int64) Kind { return intKind{min, max} }

func (k intKind) parse(text string) (string, int64, error) {
	n, ok := wholeNumber(text)
	if !ok {
		return "", 0, errors.New("argument couldn't be parsed into an integer")
	}
	if n < k.min || n > k.max {
		return "", 0, outside(k.min, k.max)
	}
	return text, n, nil
}

func (k intKind) words() bool { return false }

func (k intKind) describe() string {
	if k.max == math.MaxInt64 {
		return fmt.Sprintf("number from %d", k.min)
	}
	return fmt.Sprintf("number %d to %d", k.min, k.max)
}

func outside(min, max int64) error {
	return fmt.Errorf("argument must be between %d and %d inclusive", min, max)
}

// wholeNumber reads a decimal as redis does: no sign but "-", no leading zeros, no blanks.
func wholeNumber(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == text
}

type memKind struct {
	min, max int64
	percent  bool
}

// Mem is a size in bytes with redis's units: k, m, g are powers of 1000, kb, mb, gb powers of 1024.
func Mem(min, max int64) Kind { return memKind{min: min, max: max} }

// MemOrPercent is Mem, or a percentage of maxmemory, whose number is then negative.
func MemOrPercent(min, max int64) Kind { return memKind{min, max, true} }

func (k memKind) parse(text string) (string, int64, error) {
	if share, found := strings.CutSuffix(text, "%"); found && k.percent {
		n, ok := wholeNumber(share)
		if !ok || n < 0 {
			return "", 0, errMemoryOrPercent
		}
		if n > 100 {
			return "", 0, errors.New("percentage argument must be less or equal to 100")
		}
		return text, -n, nil
	}
	n, ok := ParseMemory(text)
	if !ok {
		if k.percent {
			return "", 0, errMemoryOrPercent
		}
		return "", 0, errMemory
	}
	if n < k.min || n > k.max {
		return "", 0, outside(k.min, k.max)
	}
	return strconv.FormatInt(n, 10), n, nil
}

func (k memKind) words() bool { return false }

func (k memKind) describe() string {
	if k.percent {
		return "size (100mb) or percent (5%)"
	}
	return "size (100mb)"
}

var (
	errMemory          = errors.New("argument must be a memory value")
	errMemoryOrPercent = errors.New("argument must be a memory or percent value")
)

// ParseMemory reads a size with redis's units. An empty text is 0, as in the original.
func ParseMemory(text string) (int64, bool) {
	digits := strings.TrimRight(text, "bBkKmMgG")
	unit, known := memoryUnit(strings.ToLower(text[len(digits):]))
	if !known {
		return 0, false
	}
	if digits == "" {
		return 0, text == ""
	}
	if digits[0] < '0' || digits[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || n > math.MaxInt64/unit {
		return 0, false
	}
	return int64(n * unit), true
}

func memoryUnit(word string) (uint64, bool) {
	switch word {
	case "", "b":
		return 1, true
	case "k":
		return 1000, true
	case "kb":
		return 1 << 10, true
	case "m":
		return 1000 * 1000, true
	case "mb":
		return 1 << 20, true
	case "g":
		return 1000 * 1000 * 1000, true
	case "gb":
		return 1 << 30, true
	}
	return 0, false
}

type octalKind struct{}

// Octal is the permission bits of a file; 0 leaves them to the system.
func Octal() Kind { return octalKind{} }

func (octalKind) parse(text string) (string, int64, error) {
	n, err := strconv.ParseUint(text, 8, 32)
	if err != nil {
		return "", 0, errors.New("argument couldn't be parsed as an octal number")
	}
	if n > 0o777 {
		return "", 0, fmt.Errorf("argument must be between 0 and %o inclusive", 0o777)
	}
	return strconv.FormatUint(n, 8), int64(n), nil
}

func (octalKind) words() bool      { return false }
func (octalKind) describe() string { return "octal permissions (700)" }

type boolKind struct{}

// Bool is yes or no.
func Bool() Kind { return boolKind{} }

func (boolKind) parse(text string) (string, int64, error) {
	switch strings.ToLower(text) {
	case "yes":
		return "yes", 1, nil
	case "no":
		return "no", 0, nil
	}
	return "", 0, errors.New("argument must be 'yes' or 'no'")
}

func (boolKind) words() bool       { return false }
func (boolKind) choices() []string { return []string{"yes", "no"} }
func (boolKind) describe() string  { return "yes or no" }

type enumKind struct{ list []string }

// Enum is one word of a list; its number is the word's index.
func Enum(list ...string) Kind { return enumKind{list} }

func (k enumKind) choices() []string { return k.list }

func (k enumKind) parse(text string) (string, int64, error) {
	for i, word := range k.list {
		if strings.EqualFold(word, text) {
			return word, int64(i), nil
		}
	}
	return "", 0, oneOf(k.list)
}

func (k enumKind) words() bool      { return false }
func (k enumKind) describe() string { return strings.Join(k.list, ", ") }

func oneOf(list []string) error {
	return fmt.Errorf("argument(s) must be one of the following: %s", strings.Join(list, ", "))
}

type floatKind struct{ above float64 }

// FloatAbove is a number greater than a bound.
func FloatAbove(bound float64) Kind { return floatKind{bound} }

func (k floatKind) parse(text string) (string, int64, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return "", 0, errors.New("argument couldn't be parsed into a number")
	}
	if f <= k.above {
		return "", 0, fmt.Errorf("argument must be greater than %g", k.above)
	}
	return strconv.FormatFloat(f, 'g', -1, 64), int64(f), nil
}

func (k floatKind) words() bool      { return false }
func (k floatKind) describe() string { return fmt.Sprintf("number above %g", k.above) }

type textKind struct {
	what  string
	check func(string) error
}

// Text is any text; check, where it is not nil, refuses some.
func Text(what string, check func(string) error) Kind { return textKind{what, check} }

func (k textKind) parse(text string) (string, int64, error) {
	if strings.IndexByte(text, 0) >= 0 {
		return "", 0, errors.New("argument must not contain a NUL byte")
	}
	if k.check != nil {
		if err := k.check(text); err != nil {
			return "", 0, err
		}
	}
	return text, 0, nil
}

func (k textKind) words() bool      { return false }
func (k textKind) describe() string { return k.what }
