// Kinds whose values are lists of words: addresses, save points, output limits, percentiles, event classes.

package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

type wordsKind struct {
	what  string
	check func([]string) error
}

// Words is a list of words separated by blanks.
func Words(what string, check func([]string) error) Kind { return wordsKind{what, check} }

func (k wordsKind) parse(text string) (string, int64, error) {
	list := strings.Fields(text)
	for _, word := range list {
		if strings.ContainsAny(word, "\x00\"'") {
			return "", 0, errors.New("argument must be a list of plain words")
		}
	}
	if k.check != nil {
		if err := k.check(list); err != nil {
			return "", 0, err
		}
	}
	return strings.Join(list, " "), int64(len(list)), nil
}

func (k wordsKind) words() bool      { return true }
func (k wordsKind) describe() string { return k.what }

type flagsKind struct {
	list  []string
	never [2]string // two words that exclude each other
	alone string    // the word that stands for the empty set
}

// flags is a set of words; alone is the name of the empty set. Its number has bit i for the word after alone.
func flags(never [2]string, alone string, list ...string) Kind { return flagsKind{list, never, alone} }

func (k flagsKind) parse(text string) (string, int64, error) {
	var bits int64
	for _, word := range strings.Fields(text) {
		if strings.EqualFold(word, k.alone) {
			continue
		}
		i := indexFold(k.list, word)
		if i < 0 {
			return "", 0, oneOf(append([]string{k.alone}, k.list...))
		}
		bits |= 1 << i
	}
	var set []string
	for i, word := range k.list {
		if bits&(1<<i) != 0 {
			set = append(set, word)
		}
	}
	if indexFold(set, k.never[0]) >= 0 && indexFold(set, k.never[1]) >= 0 {
		return "", 0, fmt.Errorf("shutdown options %s and %s can't be used simultaneously",
			strings.ToUpper(k.never[0]), strings.ToUpper(k.never[1]))
	}
	if len(set) == 0 {
		return k.alone, 0, nil
	}
	return strings.Join(set, " "), bits, nil
}

func (k flagsKind) words() bool { return true }
func (k flagsKind) describe() string {
	return k.alone + ", or some of " + strings.Join(k.list, ", ")
}

func indexFold(list []string, word string) int {
	for i, w := range list {
		if strings.EqualFold(w, word) {
			return i
		}
	}
	return -1
}

type saveKind struct{}

var errSave = errors.New("Invalid save parameters")

// savePoints is pairs of seconds and changes; lines of a file add up.
func savePoints() Kind { return saveKind{} }

func (saveKind) parse(text string) (string, int64, error) {
	list := strings.Fields(text)
	if len(list)%2 != 0 {
		return "", 0, errSave
	}
	for i, word := range list {
		n, ok := wholeNumber(word)
		if !ok || n < 0 || n > 1<<31-1 || (i%2 == 0 && n < 1) {
			return "", 0, errSave
		}
	}
	return strings.Join(list, " "), int64(len(list) / 2), nil
}

func (saveKind) words() bool      { return true }
func (saveKind) describe() string { return "pairs of seconds and changes" }

func (saveKind) merge(current, line string, first bool) string {
	if first || line == "" {
		return line
	}
	return strings.TrimSpace(current + " " + line)
}

// OutputLimit is one class's row of client-output-buffer-limit, in bytes and seconds; 0 is none.
type OutputLimit struct {
	Hard, Soft  int64
	SoftSeconds int64
}

// The classes of OutputLimits, in the order in which they are shown.
const (
	NormalClients = iota
	ReplicaClients
	PubSubClients
	clientClasses
)

var className = [clientClasses]string{"normal", "slave", "pubsub"}

// OutputLimits reads a canonical value of client-output-buffer-limit.
func OutputLimits(canonical string) [clientClasses]OutputLimit {
	var limits [clientClasses]OutputLimit
	_ = readOutputLimits(canonical, &limits)
	return limits
}

type outputKind struct{}

// outputLimits is groups of class, hard limit, soft limit, seconds. A value that names some classes changes only those.
func outputLimits() Kind { return outputKind{} }

func (outputKind) parse(text string) (string, int64, error) {
	var limits [clientClasses]OutputLimit
	if err := readOutputLimits(text, &limits); err != nil {
		return "", 0, err
	}
	return showOutputLimits(limits), 0, nil
}

func (outputKind) words() bool      { return true }
func (outputKind) describe() string { return "class hard soft seconds, for normal, replica, pubsub" }

func (outputKind) merge(current, line string, _ bool) string {
	limits := OutputLimits(current)
	if err := readOutputLimits(line, &limits); err != nil {
		return line // refused when it is parsed as a whole
	}
	return showOutputLimits(limits)
}

func showOutputLimits(limits [clientClasses]OutputLimit) string {
	var parts []string
	for i, l := range limits {
		parts = append(parts, fmt.Sprintf("%s %d %d %d", className[i], l.Hard, l.Soft, l.SoftSeconds))
	}
	return strings.Join(parts, " ")
}

func readOutputLimits(text string, limits *[clientClasses]OutputLimit) error {
	list := strings.Fields(text)
	if len(list) == 0 || len(list)%4 != 0 {
		return errors.New("Wrong number of arguments in buffer limit configuration.")
	}
	for ; len(list) > 0; list = list[4:] {
		class := indexFold(className[:], list[0])
		if strings.EqualFold(list[0], "replica") {
			class = ReplicaClients
		}
		if class < 0 {
			return errors.New("Invalid client class specified in buffer limit configuration.")
		}
		hard, ok1 := ParseMemory(list[1])
		soft, ok2 := ParseMemory(list[2])
		seconds, ok3 := wholeNumber(list[3])
		if !ok1 || !ok2 || !ok3 || seconds < 0 {
			return errors.New("Error in hard, soft or soft_seconds setting in buffer limit configuration.")
		}
		limits[class] = OutputLimit{hard, soft, seconds}
	}
	return nil
}

func checkPercentiles(list []string) error {
	for _, word := range list {
		f, err := strconv.ParseFloat(word, 64)
		if err != nil {
			return errors.New("Invalid latency-tracking-info-percentiles parameters")
		}
		if !(f >= 0 && f <= 100) {
			return errors.New("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]")
		}
	}
	return nil
}

func checkOOMScores(list []string) error {
	if len(list) != 3 {
		return errors.New("wrong number of arguments")
	}
	last := int64(-2001)
	for _, word := range list {
		n, ok := wholeNumber(word)
		if !ok || n < -2000 || n > 2000 {
			return errors.New("Invalid oom-score-adj-values, elements must be between -2000 and 2000.")
		}
		if n < last {
			return errors.New("oom-score-adj-values must not descend")
		}
		last = n
	}
	return nil
}

type eventsKind struct{}

// keyEvents is redis's classes of keyspace events, one letter each; it is shown in redis's order with A for all classes.
func keyEvents() Kind { return eventsKind{} }

const (
	eventLetters = "g$lshzxetd" // what A stands for
	eventOthers  = "nKEm"
)

func (eventsKind) parse(text string) (string, int64, error) {
	var bits int64
	for _, c := range []byte(text) {
		if c == 'A' {
			bits |= 1<<len(eventLetters) - 1
			continue
		}
		i := strings.IndexByte(eventLetters+eventOthers, c)
		if i < 0 {
			return "", 0, errors.New("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")
		}
		bits |= 1 << i
	}
	var out []byte
	all := int64(1<<len(eventLetters) - 1)
	if bits&all == all {
		out = append(out, 'A')
	}
	for i, c := range []byte(eventLetters + eventOthers) {
		if bits&(1<<i) != 0 && (bits&all != all || i >= len(eventLetters)) {
			out = append(out, c)
		}
	}
	return string(out), bits, nil
}

func (eventsKind) words() bool      { return false }
func (eventsKind) describe() string { return "letters of event classes (KEA)" }
