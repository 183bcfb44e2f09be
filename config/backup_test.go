package config

import (
	"testing"
	"time"
)

func TestSchedules(t *testing.T) {
	from := time.Date(2026, 11, 28, 5, 10, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"0 3 * * *": "2026-11-29 03:00:00", "*/15 * * * *": "2026-11-28 05:15:00", "every 6h": "2026-11-28 11:10:00",
		"every 2d": "2026-11-30 05:10:00", "@daily": "2026-11-29 00:00:00",
	} {
		s, err := ParseSchedule(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := s.Next(from).Format(time.DateTime); got != want {
			t.Errorf("%q: %s, not %s", text, got, want)
		}
	}
	if s, err := ParseSchedule(""); s != nil || err != nil {
		t.Errorf("the empty schedule gives %v, %v", s, err)
	}
	for _, text := range []string{"0 3 * *", "61 * * * *", "every", "every 0s", "every 5x", "daily", "* * * * * *", "0 0 30 2 *"} {
		if _, err := ParseSchedule(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestKeep(t *testing.T) {
	for text, want := range map[string]Keep{"": {}, "7": {Count: 7}, "30d": {Age: 30 * 24 * time.Hour}, "7 2w": {7, 14 * 24 * time.Hour}, "36h 3": {3, 36 * time.Hour}} {
		if got, err := ParseKeep(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"0", "-1", "7 8", "1d 2d", "x", "0d", "7d3"} {
		if _, err := ParseKeep(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
