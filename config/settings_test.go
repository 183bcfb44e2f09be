// The live values: all or nothing, hooks in order, what may not change.

package config

import (
	"errors"
	"fmt"
	"sync"
	"testing"
)

func TestSetManyIsAllOrNothing(t *testing.T) {
	s := Defaults(Redis)
	var heard []string
	for _, name := range []string{"maxmemory", "timeout"} {
		s.OnChange(name, func(v string) { heard = append(heard, name+"="+v) })
	}
	err := s.SetMany([]Pair{{"maxmemory", "1mb"}, {"Timeout", "x"}}, false)
	var wrong *SetError
	if !errors.As(err, &wrong) || wrong.Index != 1 || wrong.Name != "Timeout" {
		t.Fatalf("error %v", err)
	}
	if s.Int("maxmemory") != 0 || len(heard) != 0 {
		t.Fatalf("a refused change left maxmemory %d, hooks %v", s.Int("maxmemory"), heard)
	}
	if err := s.SetMany([]Pair{{"maxmemory", "1mb"}, {"timeout", "5"}}, false); err != nil {
		t.Fatal(err)
	}
	if s.Get("maxmemory") != "1048576" || s.Int("timeout") != 5 || fmt.Sprint(heard) != "[maxmemory=1048576 timeout=5]" {
		t.Errorf("maxmemory %s, timeout %d, hooks %v", s.Get("maxmemory"), s.Int("timeout"), heard)
	}
	if err := s.Set("timeout", "5"); err != nil || len(heard) != 2 {
		t.Errorf("setting the same value: %v, hooks %v", err, heard)
	}
	if s.Source("timeout").Layer != FromClient {
		t.Errorf("source %v", s.Source("timeout"))
	}
}

func TestSetManyRefusals(t *testing.T) {
	s := Defaults(Redis)
	cases := []struct {
		pairs []Pair
		want  error
	}{
		{[]Pair{{"nosuch", "1"}}, ErrUnknown},
		{[]Pair{{"include", "x"}}, ErrUnknown},
		{[]Pair{{"item-size-max", "1mb"}}, ErrUnknown},
		{[]Pair{{"databases", "16"}}, ErrImmutable},
		{[]Pair{{"dir", "/"}}, ErrProtected},
		{[]Pair{{"dbfilename", "dump.rdb"}}, ErrProtected},
		{[]Pair{{"maxmemory", "1"}, {"MAXMEMORY", "2"}}, ErrDuplicate},
		{[]Pair{{"replica-priority", "1"}, {"slave-priority", "1"}}, ErrNotYet},
		{[]Pair{{"replica-priority", "100"}, {"slave-priority", "100"}}, ErrDuplicate},
		{[]Pair{{"repl-diskless-sync", "no"}}, ErrNotYet},
	}
	for _, c := range cases {
		if err := s.SetMany(c.pairs, false); !errors.Is(err, c.want) {
			t.Errorf("%v: %v, want %v", c.pairs, err, c.want)
		}
	}
	if err := s.SetMany([]Pair{{"repl-diskless-sync", "yes"}, {"hz", "100"}}, false); err != nil {
		t.Errorf("a known setting's own value, and one without effect: %v", err)
	}
}

func TestOutputLimitsKeepOtherClasses(t *testing.T) {
	s := Defaults(Redis)
	if err := s.Set("client-output-buffer-limit", "replica 1mb 0 0 pubsub 0 0 0"); err != nil {
		t.Fatal(err)
	}
	limits := OutputLimits(s.Get("client-output-buffer-limit"))
	if limits[NormalClients].Hard != 256<<20 || limits[ReplicaClients].Hard != 1<<20 || limits[PubSubClients].Hard != 0 {
		t.Errorf("limits %v", limits)
	}
}

func TestReadersAndWritersRunTogether(t *testing.T) {
	s := Defaults(Redis)
	v := s.Value("maxclients")
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Add(2)
		go func() {
			defer wg.Done()
			for j := range 500 {
				if err := s.Set("maxclients", fmt.Sprint(1+i*500+j)); err != nil {
					t.Error(err)
				}
			}
		}()
		go func() {
			defer wg.Done()
			for range 500 {
				if n := v.Int(); n < 1 || n > 10000 {
					t.Errorf("read %d", n)
				}
			}
		}()
	}
	wg.Wait()
}

func TestVetHasASay(t *testing.T) {
	s := Defaults(Redis)
	var seen []string
	committed := 0
	s.Vet([]string{"timeout", "maxclients"}, func(get func(string) string) (func(), error) {
		seen = append(seen, get("timeout")+" "+get("maxclients")+" "+s.Get("timeout"))
		if get("timeout") == "13" {
			return nil, errors.New("unlucky")
		}
		return func() { committed++ }, nil
	})
	set := func(pairs ...Pair) error { return s.SetMany(pairs, false) }
	if err := set(Pair{"hz", "100"}); err != nil || len(seen) != 0 {
		t.Errorf("asked about a setting of others: %v, %v", seen, err)
	}
	if err := set(Pair{"maxclients", "7"}, Pair{"timeout", "5"}); err != nil || seen[0] != "5 7 0" || committed != 1 {
		t.Errorf("%v, %v, committed %d", seen, err, committed)
	}
	if err := set(Pair{"timeout", "5"}); err != nil || committed != 2 {
		t.Errorf("the same value again: %v, committed %d", err, committed)
	}
	err := set(Pair{"hz", "200"}, Pair{"Timeout", "13"})
	var refused *SetError
	if !errors.As(err, &refused) || refused.Index != 1 || refused.Name != "Timeout" || refused.Err.Error() != "unlucky" {
		t.Errorf("%v", err)
	}
	if s.Get("hz") != "100" || s.Get("timeout") != "5" || committed != 2 {
		t.Errorf("hz %s, timeout %s, committed %d", s.Get("hz"), s.Get("timeout"), committed)
	}
}
