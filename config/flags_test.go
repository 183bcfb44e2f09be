// Every setting as a flag.

package config

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestEveryRowIsAFlag(t *testing.T) {
	set := pflag.NewFlagSet("", pflag.ContinueOnError)
	AddFlags(set)
	for _, r := range Rows() {
		if found := set.Lookup(r.Name) != nil; found == r.Directive {
			t.Errorf("%s: flag %v", r.Name, found)
		}
	}
	if err := set.Parse([]string{"--daemonize", "--protected-mode=false", "--maxmemory", "1mb", "--requirepass="}); err != nil {
		t.Fatal(err)
	}
	s, err := (&Plan{Flags: FromFlags(set)}).Load()
	if err != nil || !s.Bool("daemonize") || s.Bool("protected-mode") || s.Int("maxmemory") != 1<<20 {
		t.Fatalf("%v", err)
	}
	if from := s.Source("requirepass"); from.Name != "--requirepass" {
		t.Errorf("an empty flag counts as set: %v", from)
	}
	for _, bad := range []string{"--maxmemory=x", "--daemonize=maybe", "--include=x", "--nosuch=1"} {
		if err := set.Parse([]string{bad}); err == nil {
			t.Errorf("%s was taken", bad)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %q", bad, err)
		}
	}
}

func TestSwitchesTakeTheWordBehindThem(t *testing.T) {
	for in, want := range map[string]string{
		"--daemonize yes --port 1":           "--daemonize=yes --port 1",
		"--daemonize --port yes":             "--daemonize --port yes",
		"--daemonize=no yes":                 "--daemonize=no yes",
		"config show --protected-mode no -h": "config show --protected-mode=no -h",
		"--nosuch yes":                       "--nosuch yes",
		"yes":                                "yes",
	} {
		if got := strings.Join(JoinSwitches(strings.Fields(in)), " "); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
