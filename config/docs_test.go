// The written reference is current, and the examples load.

package config

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/configuration.md")

func TestReferenceIsCurrent(t *testing.T) {
	const path = "../docs/configuration.md"
	if *update {
		if err := os.WriteFile(path, []byte(Reference()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != Reference() {
		t.Error("docs/configuration.md is not what the table says; go test ./config -run Reference -update writes it")
	}
	for _, r := range Rows() {
		if !strings.Contains(string(got), "`"+r.Name+"`") {
			t.Errorf("%s is not in the reference", r.Name)
		}
	}
}

func TestExamplesLoad(t *testing.T) {
	for name, engine := range map[string]string{"cachesrv.yaml": "redis", "memcached.toml": "memcached", "redis.conf": "redis"} {
		s, err := (&Plan{File: "../docs/examples/" + name}).Load()
		if err != nil || s.Get("engine") != engine {
			t.Errorf("%s: %v", name, err)
		}
	}
}
