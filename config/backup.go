// What the settings about backups say: when, and how many stay.

package config

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule tells when something is due after a given time.
type Schedule interface{ Next(time.Time) time.Time }

// Interval is the schedule of "every": so long after the last time.
type Interval time.Duration

// Next is so much after a moment, to the second.
func (d Interval) Next(t time.Time) time.Time {
	return t.Add(time.Duration(d)).Truncate(time.Second)
}

var errSchedule = errors.New("must be five fields as in crontab (0 3 * * *), a word such as @daily, or every and a duration (every 6h)")

// ParseSchedule reads a schedule; nil for the empty text.
func ParseSchedule(text string) (Schedule, error) {
	if text == "" {
		return nil, nil
	}
	if rest, is := strings.CutPrefix(text, "every "); is {
		d, err := parseAge(strings.TrimSpace(rest))
		if err != nil || d < time.Second {
			return nil, errSchedule
		}
		return Interval(d), nil
	}
	s, err := cron.ParseStandard(text)
	if err != nil {
		return nil, errSchedule
	}
	if s.Next(time.Now()).IsZero() {
		return nil, errors.New("that day never comes")
	}
	return s, nil
}

// Keep is how many backups stay: the youngest Count, and of those the ones younger than Age. 0: no bound.
type Keep struct {
	Count int
	Age   time.Duration
}

var errKeep = errors.New("must be a number (7), an age (30d), or both (7 30d)")

// ParseKeep reads it.
func ParseKeep(text string) (k Keep, err error) {
	for _, word := range strings.Fields(text) {
		if n, err := strconv.Atoi(word); err == nil {
			if n <= 0 || k.Count > 0 {
				return k, errKeep
			}
			k.Count = n
			continue
		}
		d, err := parseAge(word)
		if err != nil || d <= 0 || k.Age > 0 {
			return k, errKeep
		}
		k.Age = d
	}
	return k, nil
}

// parseAge is time.ParseDuration with days and weeks.
func parseAge(text string) (time.Duration, error) {
	for suffix, unit := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if number, is := strings.CutSuffix(text, suffix); is {
			n, err := strconv.ParseUint(number, 10, 16)
			return time.Duration(n) * unit, err
		}
	}
	return time.ParseDuration(text)
}

func checkSchedule(text string) error {
	_, err := ParseSchedule(text)
	return err
}

func checkKeep(text string) error {
	_, err := ParseKeep(text)
	return err
}
