package rewind

import (
	"testing"
	"time"
)

func TestTimesAreRead(t *testing.T) {
	want := time.Date(2026, 11, 23, 10, 15, 30, 0, time.UTC).Unix()
	for _, text := range []string{"2026-11-23T10:15:30Z", "2026-11-23T11:15:30+01:00", "2026-11-23T10:15:30.9Z", "1795428930"} {
		if m, err := AtTime(text); err != nil || m.at != want {
			t.Errorf("%q: %d, %v", text, m.at, err)
		}
	}
	local := time.Date(2026, 11, 23, 10, 15, 30, 0, time.Local).Unix()
	if m, err := AtTime("2026-11-23 10:15:30"); err != nil || m.at != local {
		t.Errorf("local: %d, %v", m.at, err)
	}
	for _, bad := range []string{"", "now", "-5", "0", "99999999999999999999", "2026-13-01T00:00:00Z", "1960-01-01T00:00:00Z"} {
		if _, err := AtTime(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	for _, bad := range []string{"", "file", "file:", ":5", "file:-1", "file:x"} {
		if _, err := AtOffset(bad); err == nil {
			t.Errorf("offset %q is taken", bad)
		}
	}
	if m, err := AtOffset("/a/b/appendonly.aof.1.incr.aof:17"); err != nil || m.file != "appendonly.aof.1.incr.aof" || m.offset != 17 {
		t.Errorf("%+v, %v", m, err)
	}
	if _, err := Before("  "); err == nil {
		t.Error("an empty command is taken")
	}
}
