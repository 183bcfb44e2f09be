// The log: grouping, order, bounds.

package acl

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestLog(t *testing.T) {
	var l Log
	now := time.Unix(1000, 0)
	add := func(object string, at time.Duration) {
		l.Add(Event{Reason: DeniedCommand, Object: object, Username: "u", Client: fmt.Sprint(at)}, now.Add(at), 3)
	}
	add("get", 0)
	add("set", time.Second)
	add("get", 2*time.Second)
	got := l.Latest(10)
	if len(got) != 2 || got[0].Object != "get" || got[0].Count != 2 || got[0].ID != 0 || got[0].Client != "2s" || got[0].Created != now || got[0].Updated != now.Add(2*time.Second) || got[1].ID != 1 {
		t.Fatalf("%+v", got)
	}
	add("get", 2*time.Minute)
	if got = l.Latest(1); len(got) != 1 || got[0].Count != 1 || got[0].ID != 2 {
		t.Errorf("a minute later it is another entry: %+v", got)
	}
	l.Add(Event{Reason: DeniedCommand, Context: Multi, Object: "get", Username: "u"}, now.Add(2*time.Minute), 3)
	if got = l.Latest(10); len(got) != 3 || got[0].Context != Multi {
		t.Errorf("at most three, the oldest goes: %+v", got)
	}
	l.Trim(1)
	if got = l.Latest(10); len(got) != 1 || got[0].ID != 3 {
		t.Errorf("trimmed: %+v", got)
	}
	l.Add(Event{Reason: DeniedKey, Object: strings.Repeat("k", 1<<20)}, now, 0)
	if got = l.Latest(-1); len(got) != 0 || len(l.Latest(10)) != 0 || l.Denied[DeniedKey].Load() != 1 || l.Denied[DeniedCommand].Load() != 5 {
		t.Errorf("with a limit of 0 it only counts: %+v", got)
	}
	l.Add(Event{Reason: DeniedKey, Object: strings.Repeat("k", 1<<20)}, now, 1)
	if got = l.Latest(1); len(got[0].Object) != textMost {
		t.Errorf("%d bytes kept of a key", len(got[0].Object))
	}
	l.Reset()
	if len(l.Latest(10)) != 0 {
		t.Error("reset")
	}
}
