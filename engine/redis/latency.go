// latency: what took long lately, by kind of event; kept only while latency-monitor-threshold asks for it.

package redis

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
)

// The events that exist here.
const (
	eventCommand     = "command"
	eventFastCommand = "fast-command"
	eventExpire      = "expire-cycle"
	eventEvict       = "eviction-cycle"
)

// latencyKeep is how many samples an event keeps: the worst of each second in which there was one.
const latencyKeep = 160

// latency is the series of all events.
type latency struct {
	threshold *config.Value // ms, 0 for none

	mu     sync.Mutex // guards what follows
	events map[string]*latencySeries
}

// latencySeries is a ring of samples. A sample without a time is not there yet.
type latencySeries struct {
	ring  [latencyKeep]latencySample
	next  int
	worst int64
}

type latencySample struct {
	at int64 // Unix time
	ms int64
}

// follow begins or ends listening to the store as the threshold changes.
func (l *latency) follow(store *core.Store) {
	if l.threshold.Int() <= 0 {
		store.OnWork(nil)
		return
	}
	store.OnWork(l.heard)
}

// heard is told of the store's own work.
func (l *latency) heard(w core.Work, took time.Duration) {
	name := eventExpire
	if w == core.Evicting {
		name = eventEvict
	}
	l.note(name, took)
}

// note keeps how long an event took if that is over the threshold. It costs a load otherwise.
func (l *latency) note(event string, took time.Duration) {
	if limit := l.threshold.Int(); limit > 0 && took >= time.Duration(min(limit, 1<<40))*time.Millisecond {
		l.add(event, time.Now().Unix(), took.Milliseconds())
	}
}

func (l *latency) add(event string, at, ms int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.events[event]
	if s == nil {
		if l.events == nil {
			l.events = map[string]*latencySeries{}
		}
		s = new(latencySeries)
		l.events[event] = s
	}
	s.worst = max(s.worst, ms)
	if last := &s.ring[(s.next+latencyKeep-1)%latencyKeep]; last.at == at {
		last.ms = max(last.ms, ms)
		return
	}
	s.ring[s.next] = latencySample{at, ms}
	s.next = (s.next + 1) % latencyKeep
}

// samples are those of an event, the oldest first.
func (l *latency) samples(event string) (list []latencySample, worst int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.events[event]
	if s == nil {
		return nil, 0
	}
	for i := range s.ring {
		if x := s.ring[(s.next+i)%latencyKeep]; x.at != 0 {
			list = append(list, x)
		}
	}
	return list, s.worst
}

// names are the events of which there are samples.
func (l *latency) names() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.events))
}

// forget drops the samples of one event; false: there were none.
func (l *latency) forget(event string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.events[event]
	delete(l.events, event)
	return ok
}
