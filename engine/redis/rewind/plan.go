// Plan: which files make up a moment, and where the last of them is cut.

package rewind

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/cachesrv/cachesrv/engine/redis/aof"
)

// Plan is what Write does.
type Plan struct {
	Snapshot *Base // the whole answer, if there is no log
	Base     *Base
	Incrs    []string
	Cut      int64 // length of the last increment
	Records  int64 // in the increments
	Last     int64 // the last time in them, Unix seconds; 0 without
	Left     int64 // records of the same generation that are left out
	Torn     int64 // bytes at the end of the log that were never acknowledged, and are left out
	Notes    []string

	from *Archive
}

// ErrOutside says that a moment is not there.
var ErrOutside = errors.New("that moment cannot be restored")

func (a *Archive) outside(format string, args ...any) error {
	return fmt.Errorf("%w: %s. What there is:\n%s", ErrOutside, fmt.Sprintf(format, args...), strings.TrimRight(a.Describe(), "\n"))
}

// Plan looks for a moment. now is for refusing what has not come yet.
func (a *Archive) Plan(m Moment, now time.Time) (*Plan, error) {
	if m.at > now.Unix() {
		return nil, a.outside("%s lies in the future", Text(m.at))
	}
	if len(a.Generations) == 0 {
		return a.planSnapshot(&m)
	}
	switch {
	case m.command != nil:
		return a.planCommand(&m)
	case m.file != "":
		return a.planOffset(&m)
	case m.latest():
		return a.scan(len(a.Generations)-1, &m)
	}
	for i := len(a.Generations) - 1; i >= 0; i-- {
		g := &a.Generations[i]
		if g.From() > m.at {
			continue
		}
		if !g.timed() {
			return nil, a.outside("the log has no times (aof-timestamp-enabled was off when it was written); --at-offset, --before-command and --to latest work")
		}
		p, err := a.scan(i, &m)
		if err == nil && p.Last < m.at && p.Left == 0 {
			p.Notes = append(p.Notes, fmt.Sprintf("nothing was written from %s to %s, as far as the log tells", Text(max(p.Last, g.From())), Text(m.at)))
		}
		return p, err
	}
	if s := a.Snapshot; s != nil && s.At == m.at {
		return a.planSnapshot(&m)
	}
	return nil, a.outside("%s is before the oldest data", Text(m.at))
}

func (a *Archive) planSnapshot(m *Moment) (*Plan, error) {
	s := a.Snapshot
	switch {
	case m.command != nil || m.file != "":
		return nil, a.outside("there is no append-only file")
	case !m.latest() && m.at != s.At:
		return nil, a.outside("there is a snapshot and no append-only file: it gives one moment, %s, and not %s", Text(s.At), Text(m.at))
	}
	return &Plan{Snapshot: s, Last: s.At, from: a}, nil
}

func (a *Archive) planOffset(m *Moment) (*Plan, error) {
	for i := range a.Generations {
		for j := range a.Generations[i].Incrs {
			inc := &a.Generations[i].Incrs[j]
			if inc.Name != m.file {
				continue
			}
			if m.offset > inc.Found.Size {
				return nil, a.outside("%s has %d bytes, and offset %d lies behind them", inc.Name, inc.Found.Size, m.offset)
			}
			return a.scan(i, m)
		}
	}
	return nil, a.outside("%s is no increment of this log", m.file)
}

// planCommand looks from the youngest generation back: the last use counts.
func (a *Archive) planCommand(m *Moment) (*Plan, error) {
	for i := len(a.Generations) - 1; i >= 0; i-- {
		p, err := a.scan(i, m)
		if err != nil || p != nil {
			return p, err
		}
	}
	return nil, a.outside("no %s is in the log", strings.Join(m.command, " "))
}

// scan goes through a generation up to the moment. nil for a command that is not there.
func (a *Archive) scan(generation int, m *Moment) (*Plan, error) {
	g := &a.Generations[generation]
	s := &scanner{m: m, plan: Plan{Base: g.Base, from: a}}
	for i := range g.Incrs {
		if err := s.file(a, &g.Incrs[i]); err != nil {
			return nil, err
		}
		if s.found {
			break
		}
	}
	if m.command != nil {
		if s.best == nil {
			return nil, nil
		}
		s.plan = *s.best
	}
	all := int64(0)
	for i := range g.Incrs {
		all += g.Incrs[i].Found.Records
	}
	s.plan.Left = max(0, all-s.plan.Records)
	return &s.plan, nil
}

// scanner is a scan that runs.
type scanner struct {
	m     *Moment
	plan  Plan
	found bool
	best  *Plan // before the last use of the command so far
}

// file goes through one increment. Where the moment was not found, all of it is in the plan.
func (s *scanner) file(a *Archive, inc *Increment) error {
	f, err := a.files.Open(a.path(inc.Name), os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	res := &inc.Found
	p := &s.plan
	p.Incrs, p.Cut = append(p.Incrs, inc.Name), 0
	r := aof.NewReader(f, a.path(inc.Name), 0, res.Good)
	inside := int64(0) // records of the transaction that is being read; p.Cut is the last place that can be cut at
	for {
		kind, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		end := r.End()
		if s.m.file == inc.Name && end > s.m.offset {
			s.found = true
			return nil
		}
		switch kind {
		case aof.Mark: // belongs to what follows
			continue
		case aof.Time:
			if s.m.at > 0 && r.Seconds > s.m.at && inside == 0 {
				s.found = true
				return nil
			}
			if inside == 0 {
				p.Last = r.Seconds
			}
		case aof.Record:
			if s.m.command != nil && s.m.is(r.Words) {
				s.remember()
			}
			switch word := string(r.Words[0]); {
			case inside == 0 && !strings.EqualFold(word, "MULTI"):
				p.Records++
			case inside > 0 && strings.EqualFold(word, "EXEC"):
				p.Records, inside = p.Records+inside+1, 0
			default:
				inside++
			}
		}
		if inside == 0 {
			p.Cut = end
		}
	}
	if res.Good == res.Size || s.m.file == inc.Name && s.m.offset <= res.Good {
		s.found = s.m.file == inc.Name
		return nil
	}
	if !res.Torn || !inc.Latest {
		if s.m.command != nil && s.best != nil { // the moment lies before the damage
			s.found = true
			return nil
		}
		if res.Damage == nil {
			return fmt.Errorf("%s: damaged at offset %d", a.path(inc.Name), res.Good)
		}
		return fmt.Errorf("the moment lies behind damage, up to which --at-offset %s:%d goes: %w", inc.Name, res.Good, res.Damage)
	}
	p.Torn, s.found = res.Size-res.Good, true
	return nil
}

// remember keeps the plan as it is before the command at hand.
func (s *scanner) remember() {
	best := s.plan
	best.Incrs = append([]string(nil), s.plan.Incrs...)
	s.best = &best
}
